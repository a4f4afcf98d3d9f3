"""Tables of points of any size, joined piece by piece."""
