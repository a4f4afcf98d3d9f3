"""The life of a gap, step by step: who answers for it now, when it goes up, and what became of it.

The steps are kept with the gap and only ever added to: what late data takes back was so for a while, and still shows.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any, Final, Literal, NamedTuple, get_args

from gisgrid.patrols.plans.tables import ClosedAs, Gap, GapLevel

GapAct = Literal["opened", "went_up", "visited", "explained", "corrected", "reopened"]

UPWARDS: Final[tuple[GapLevel, ...]] = tuple(reversed(get_args(GapLevel)))
CLOSED_BY: Final[dict[ClosedAs | None, GapAct]] = {
    "visit": "visited",
    "reason": "explained",
    "corrected": "corrected",
    None: "reopened",
}
"""Which step leads to a gap that closed so; None is one that is open again."""

Cells = Sequence[int | None]
"""The rows of the street, the community and the substation in which a place lies."""


class GapStep(NamedTuple):
    """What happened to a gap, when this became known, and which level answered for it from then on.

    `visited_at` is when its place was visited, `words` the reason that somebody wrote.
    """

    act: GapAct
    at: datetime
    level: GapLevel
    visited_at: datetime | None = None
    words: str = ""

    def kept(self) -> dict[str, Any]:
        """Return the step as it is kept in the row of its gap."""
        visited = {} if self.visited_at is None else {"visited_at": self.visited_at.isoformat()}
        words = {"words": self.words} if self.words else {}
        return {"act": self.act, "at": self.at.isoformat(), "level": self.level, **visited, **words}


def first_level(cells: Cells) -> GapLevel:
    """Return the lowest level at which a place lies in a cell; for what lies in none the street answers."""
    return next((level for level, cell in zip(UPWARDS, reversed(cells), strict=True) if cell is not None), "street")


def level_above(level: GapLevel) -> GapLevel | None:
    """Return the level to which a gap goes up from a level; None above the street.

    >>> [level_above(level) for level in ("substation", "community", "street")]
    ['community', 'street', None]
    """
    return dict(pairwise(UPWARDS)).get(level)


def goes_up(closed_as: ClosedAs | None, level: GapLevel, since: datetime, now: datetime, limit: timedelta) -> bool:
    """Tell whether a gap goes up: it is open, and whoever answers for it has had it for longer than the limit."""
    return closed_as is None and level_above(level) is not None and now - since > limit


def add_step(gap: Gap, step: GapStep) -> None:
    """Add a step to the life of a gap; its level answers from then on, unless it had done so before and goes on."""
    if step.act in ("opened", "went_up", "reopened"):
        gap.level, gap.level_since = step.level, step.at
    gap.steps = written([*steps_of(gap.steps), step.kept()])


def written(steps: Sequence[Mapping[str, Any]]) -> str:
    """Return steps as they stand in the row of their gap."""
    return json.dumps(steps, ensure_ascii=False)


def steps_of(text: str) -> list[dict[str, Any]]:
    """Return the steps that stand in the row of a gap, the first one first."""
    found: list[dict[str, Any]] = json.loads(text)
    return found
