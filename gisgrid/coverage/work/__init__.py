"""The work done on the ground: rounds, incidents, and how time was spread."""
