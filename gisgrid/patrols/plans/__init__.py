"""What must be visited: checkpoints and their codes, plans and the rounds that follow from them, gaps."""
