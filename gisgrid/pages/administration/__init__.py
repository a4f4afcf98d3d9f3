"""For the administrator and the auditor: people, phones, the names of offices, the record."""
