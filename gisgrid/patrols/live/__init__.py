"""What goes on now, kept up to date."""
