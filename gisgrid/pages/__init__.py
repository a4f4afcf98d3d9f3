"""What browsers see: a room for each kind of work, and here what all pages share."""
