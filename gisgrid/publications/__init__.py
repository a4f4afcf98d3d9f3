"""Publications (发布): what staff are told by cell and role, and who has taken note."""
