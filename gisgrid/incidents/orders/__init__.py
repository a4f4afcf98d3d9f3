"""Supervision orders (督办): who is told to see to an incident, by when, and what they replied."""
