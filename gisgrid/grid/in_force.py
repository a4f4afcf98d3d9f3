"""The grid in force stays as it is while something is placed in it, so that no record is of two grids."""

from typing import Final

from sqlalchemy.orm import Session

from gisgrid.locks import be_alone, share

LOCK: Final = 0x6769_6772_6964
"""The number under which PostgreSQL keeps those who place things and whoever replaces the grid apart."""


def hold_grid(session: Session) -> None:
    """Keep the grid in force as it is until the transaction ends. Comes before the grid is read."""
    share(session, LOCK)


def wait_to_replace(session: Session) -> None:
    """Wait for those who are placing things; until the transaction ends nobody else does, and then in the new grid."""
    be_alone(session, LOCK)
