"""What lies near an incident: others like it, the neighbours across an edge, and the track of whoever asks."""
