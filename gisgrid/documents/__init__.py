"""What is printed and handed over as a file, of what it is handed, and tables read from files; nothing queries here."""
