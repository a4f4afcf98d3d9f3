"""Records of the past: incidents that another system saw through, brought in with their times."""
