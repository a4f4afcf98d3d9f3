"""The ground, ready to be measured on, and what of it is reached."""
