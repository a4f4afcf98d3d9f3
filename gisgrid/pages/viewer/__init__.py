"""The map everyone works on: its page, its scripts and styles, the tiles below it."""
