"""What the cells are drawn upon: read from a setting, and refused where it would lie beside the truth."""
