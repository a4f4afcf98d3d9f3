"""The real command with a commit that does not wait for the disk: the harness must see what that loses."""

from typing import Any
from unittest.mock import patch

from gisgrid import cli, database


def main() -> None:
    """Run the command."""
    opened = database._open_spatialite

    def open_loosely(connection: Any, record: object) -> None:
        opened(connection, record)
        connection.execute("PRAGMA synchronous=NORMAL")

    with patch.object(database, "_open_spatialite", open_loosely):
        cli.main()
