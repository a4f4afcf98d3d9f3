"""What is sent in: placed in its cells, stored once, answered item by item, and found again."""
