"""What is sent in: from the door to its row, judged on the way."""
