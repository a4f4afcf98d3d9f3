"""Emergencies: a contingency plan is started, everybody is alerted at once, and all of it is on record."""
