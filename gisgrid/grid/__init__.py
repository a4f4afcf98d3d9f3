"""The ground: layers (read, check, store), the index from points to cells, and locating."""
