"""Notices to the outside: what happened, in the transaction in which it happened."""
