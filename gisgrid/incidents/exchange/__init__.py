"""Orders of the 12345 line and of those above: taken in from their sheets, answered in them, and told back."""
