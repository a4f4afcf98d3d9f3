"""Figures of merit of the closed loop: how much was closed, in time, at the first go, and by whom it was found."""
