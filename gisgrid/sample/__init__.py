"""The sample grid from its table of figures, and simulated patrols and incidents over any grid."""
