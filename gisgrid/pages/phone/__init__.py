"""In the hand of whoever walks: the application, the shared phone, the authority to be installed."""
