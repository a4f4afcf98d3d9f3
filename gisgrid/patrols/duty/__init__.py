"""Who is on duty: shifts, consent, how alive their phones are, and whose fixes count for it."""
