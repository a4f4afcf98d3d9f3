"""The monthly satisfaction survey: how many were asked in a cell, how many were satisfied, and what changed."""
