"""HTTPS where there is no internet: an authority of one's own that phones come to trust, and what it signs."""
