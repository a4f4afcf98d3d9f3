"""What is for oneself: coming in, who I am, my track, my month, my data, what is published for me."""
