"""Stories that a demonstration tells: the accounts of the sample really do what is told, and each line says when."""
