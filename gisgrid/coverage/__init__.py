"""How much of the ground was seen: measured from frames, told in one report."""
