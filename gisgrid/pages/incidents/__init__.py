"""Incidents on pages: the list, the case and its moves, the one entry, emergencies, orders, sheets, surveys."""
