"""What browsers see: the live viewer, and the command that draws maps into files."""
