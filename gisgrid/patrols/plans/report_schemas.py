"""What the report of a plan looks like on the wire."""

from datetime import date, datetime
from typing import Self

from pydantic import BaseModel

from gisgrid.patrols.plans.schemas import PlanName
from gisgrid.patrols.plans.terms import PlaceKind


class RoundCounts(BaseModel):
    """How many rounds there were, by how they stand; `done_ratio` is that of those that are over, null for none."""

    rounds: int = 0
    ahead: int = 0
    due: int = 0
    done: int = 0
    done_late: int = 0
    unconfirmed: int = 0
    missed: int = 0
    done_ratio: float | None = None

    def with_ratio(self) -> Self:
        """Return the counts with what share of the rounds that are done or missed was done, late ones included."""
        done = self.done + self.done_late
        return self.model_copy(update={"done_ratio": done / (done + self.missed) if done + self.missed else None})


class PlaceCounts(RoundCounts):
    """The rounds at one place, of the days that are not sealed."""

    kind: PlaceKind
    code: str
    name: str


class DayCounts(RoundCounts):
    """The rounds of one day."""

    day: date
    is_sealed: bool


class GapCounts(BaseModel):
    """How many gaps there were, and how they closed."""

    opened: int = 0
    open: int = 0
    visit: int = 0
    corrected: int = 0
    reason: int = 0


class PlanReport(BaseModel):
    """What became of a plan, or a special operation, from a first to a last day, as known at a time.

    `check_ins` are those at its places by its people, `people` how many of them came; of sealed days alone these are
    unknown, null.
    """

    plan: PlanName
    first_day: date
    last_day: date
    made_at: datetime
    rounds: RoundCounts
    check_ins: int
    people: int | None
    gaps: GapCounts
    places: list[PlaceCounts]
    days: list[DayCounts]
