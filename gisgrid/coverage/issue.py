"""Reports that are handed out: when first, and how often their figures have changed since, through what came late."""

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Final, NamedTuple

import numpy as np
from sqlalchemy.orm import Session

from gisgrid.coverage.ground.strips import Integers
from gisgrid.coverage.group import Group
from gisgrid.coverage.schemas import CellFigures, CoverageReport, Revision
from gisgrid.coverage.tables import IssuedReport
from gisgrid.parameters import Period

SEEN: Final = {
    *("level", "code", "check_ins", "patrollers", "patrols", "visits", "dwell_s", "seen_squares", "effort_m2"),
    *("covered_area_m2", "coverage_ratio", "coverage_low", "coverage_high"),
}
"""What late fixes change: by other figures, such as gaps that are closed, a report is not revised."""


class Issued(NamedTuple):
    """When a report was first handed out, and how often it was revised since."""

    first_made_at: datetime
    revision: int
    figures: str

    def shown(self, figures: str) -> Revision:
        """As it is told in a report of these figures: others than were handed out last are one revision more."""
        return Revision(number=self.revision + (figures != self.figures), first_made_at=self.first_made_at)

    def late(self, arrived_us: Integers) -> int:
        """Count what arrived after the report was first handed out; `arrived_us` are in order."""
        first_us = round(self.first_made_at.timestamp() * 1_000_000)
        return len(arrived_us) - int(np.searchsorted(arrived_us, first_us, side="left"))


def revision_of(session: Session, period: Period, group: Group | None) -> Issued | None:
    """Return when the report of a period, and of a group, was handed out; None if it was not."""
    known = session.get(IssuedReport, _asked(period, group))
    return None if known is None else Issued(known.first_made_at, known.revision, known.figures)


def fingerprint(cells: Iterable[CellFigures], outside: Mapping[str, int | None]) -> str:
    """Return what is another once something else was seen in a period."""
    told = [cell.model_dump(mode="json", include=SEEN) for cell in cells]
    return sha256(json.dumps([told, dict(outside)]).encode()).hexdigest()


def issue(session: Session, report: CoverageReport, group: Group | None, now: datetime) -> None:
    """Note that a report of all ground is handed out; the first time it is no revision."""
    period = Period(report.period.start, report.period.end)
    figures = report.fingerprint or ""
    known = session.get(IssuedReport, _asked(period, group))
    if known is None:
        times = {"first_made_at": now, "made_at": now}
        session.add(IssuedReport(asked=_asked(period, group), **times, revision=0, figures=figures))
    elif known.figures != figures:
        known.revision, known.figures, known.made_at = known.revision + 1, figures, now
    session.flush()


def _asked(period: Period, group: Group | None) -> str:
    span = "/".join(each.astimezone(UTC).isoformat() for each in (period.start, period.end))
    return span if group is None else f"{span} {group.kind} {group.name}"
