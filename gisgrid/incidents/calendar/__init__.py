"""Which days are worked: the public holidays and make-up days of each year."""
