"""Who may do what, and where: people, their roles in cells, and the tokens they show."""
