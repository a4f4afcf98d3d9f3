"""What a survey says: the share of those asked who were satisfied, and its change on the month before. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final, NamedTuple

from gisgrid.errors import Refused

MONTH: Final = re.compile(r"((?:19|20|21)[0-9]{2})[-/.年]?(0?[1-9]|1[0-2])(?:月|[-/.]0?1)?")
"""2026-11 and as people and spreadsheets write it: 2026/11, 2026年11月, 202611, 2026-11-01."""


class BadMonth(Refused):
    """A text that is no month."""


class Answers(NamedTuple):
    """How many were asked, which is the n of the share, and how many of them were satisfied."""

    asked: int
    satisfied: int

    @property
    def ratio(self) -> float | None:
        """The share of those asked who were satisfied; None, which is n/a, where nobody was."""
        return self.satisfied / self.asked if self.asked else None


@dataclass(frozen=True, slots=True)
class Satisfaction:
    """The satisfaction of a month and what it is compared with; None where there was no survey.

    `change_points`: percentage points on the month before; None without either.
    """

    month: date
    now: Answers | None
    before: Answers | None

    @property
    def change_points(self) -> float | None:
        """The change on the month before, in percentage points."""
        ratio, former = (each.ratio if each else None for each in (self.now, self.before))
        return None if ratio is None or former is None else 100 * (ratio - former)


def satisfaction(answers: Mapping[date, Answers], month: date) -> Satisfaction:
    """Return the satisfaction of a month, by the answers of months as their first days."""
    return Satisfaction(month, answers.get(month), answers.get(month_before(month)))


def month_before(month: date) -> date:
    """Return the first day of the month before."""
    return date(month.year - (month.month == 1), (month.month - 2) % 12 + 1, 1)


def month_after(month: date) -> date:
    """Return the first day of the month after."""
    return date(month.year + (month.month == 12), month.month % 12 + 1, 1)


def parse_month(text: str) -> date:
    """Return the first day of a month such as 2026-11. Raises BadMonth."""
    found = MONTH.fullmatch(text.strip())
    if found is None:
        raise BadMonth("应为月份,例如 2026-11", "must be a month such as 2026-11")
    return date(int(found[1]), int(found[2]), 1)
