"""Searches that somebody keeps for themselves, to be made again."""
