"""What was done, by whom and when: rows that are only ever added, each chained to the one before by a hash."""
