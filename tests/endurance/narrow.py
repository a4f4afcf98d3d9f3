"""The real command with a queue so short that a few phones are too many for it."""

from unittest.mock import patch

from gisgrid import cli
from gisgrid.intake import writer


def main() -> None:
    """Run the command."""
    with patch.object(writer, "MOST_WAITING", 2), patch.object(writer, "MOST_AT_ONCE", 1):
        cli.main()
