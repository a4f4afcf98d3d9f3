"""The next round that is suggested to somebody: where to go, in which order, to close the most gap in a given time."""
