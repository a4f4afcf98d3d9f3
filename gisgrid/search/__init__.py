"""One box to find anything on the map: cells, places, people, incidents; each as far as whoever asks may see it."""
