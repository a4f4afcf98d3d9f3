"""The report told to people: in words, tables, maps and files."""
