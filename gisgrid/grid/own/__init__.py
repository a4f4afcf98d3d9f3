"""Layers of an office's own: roads, lanes, buildings, addresses, whatever stands in a file. Drawn, found, walked on."""
