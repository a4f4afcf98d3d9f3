"""For the staff who answer for the cells: who is out, what is planned, due, missed or doubted, and the reports."""
