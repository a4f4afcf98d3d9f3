"""The kinds of incident: editions of two tables, each in force from a first day on."""
