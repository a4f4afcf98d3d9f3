"""What is known of problems beside the figures, as plain rows, and the form in which every problem is told."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final, Literal, NamedTuple

from gisgrid.coverage.schemas import Note

MOST_NAMES: Final = 6
"""So many cells are named in a sentence; the tables name all."""


class OpenGap(NamedTuple):
    """A planned round that was missed and has been neither visited nor explained; `cell` and `place` are names."""

    place: str
    cell: str
    plan: str
    missed_at: datetime
    is_overdue: bool = False


class SilentDevice(NamedTuple):
    """A device on duty that has not been heard of since `alive_at`, None for never."""

    name: str
    cell: str
    alive_at: datetime | None


class OverdueIncident(NamedTuple):
    """An incident past its limit."""

    number: str
    kind: str
    cell: str
    due_at: datetime


class Handed(NamedTuple):
    """What is known of problems beside the figures, as plain rows."""

    gaps: Sequence[OpenGap] = ()
    silent: Sequence[SilentDevice] = ()
    overdue: Sequence[OverdueIncident] = ()


class Limits(NamedTuple):
    """From where on something is a problem: not seen for so many days, idle for so many hours; shares from 0 to 1."""

    unseen_days: int = 3
    idle_h: float = 72
    quarantined_share: float = 0.01
    closing_ratio: float = 0.9


Kind = Literal["gaps", "unseen", "missed", "silent", "idle", "fallen", "overdue", "closing", "quarantined"]


class Problem(NamedTuple):
    """What is wrong, and where: names of cells or places, none if it is everywhere."""

    kind: Kind
    told: Note
    names: tuple[str, ...] = ()


def named(names: Iterable[str]) -> Note:
    """Name some, and how many they are if they are too many to name."""
    each = list(dict.fromkeys(names))
    few = each[:MOST_NAMES]
    rest = f"等 {len(each)} 处" if len(each) > MOST_NAMES else ""
    more = f" and {len(each) - MOST_NAMES} more" if len(each) > MOST_NAMES else ""
    return Note(zh="、".join(few) + rest, en=", ".join(few) + more)
