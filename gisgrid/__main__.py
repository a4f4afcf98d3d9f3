"""`python -m gisgrid` is `gisgrid`."""

from gisgrid.cli import main

main()
