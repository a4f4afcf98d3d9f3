"""Tiles of this machine, one by one out of an archive or a folder. Queries no database of ours."""
