"""How incidents are moved along the closed loop: whose hands hold them, what is on record, and each step."""
