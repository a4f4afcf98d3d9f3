"""What happened on the ground."""
