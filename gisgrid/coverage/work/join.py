"""The figures of a report with those of the work done: rounds, incidents, and how time was spread over the parts."""

from datetime import datetime

import pandas as pd
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gisgrid.audit.record import ENTRIES
from gisgrid.coverage.figures import Measured
from gisgrid.coverage.group import Group
from gisgrid.coverage.work.incidents import incident_figures_of
from gisgrid.coverage.work.rounds import round_figures
from gisgrid.coverage.work.spread import spread
from gisgrid.incidents.tables import Incident, Step
from gisgrid.once import table_of
from gisgrid.parameters import Period
from gisgrid.patrols.plans.gaps import GAP
from gisgrid.settings import Settings
from gisgrid.sight import visible

Frames = dict[str, pd.DataFrame]
Stamp = tuple[datetime | int | None, ...]
INCIDENT, STEP = table_of(Incident), table_of(Step)


def with_work(
    session: Session, settings: Settings, found: Measured, period: Period, group: Group | None, now: datetime
) -> Frames:
    """Return the cells of each level, indexed by code, with all their figures.

    Of a plan's people the rounds are that plan's; of named people or one outing there are none. Incidents are those of
    the ground, whoever the report is of. Files of raw days tell of no rounds.
    """
    frames = {level: figures.cells.set_index("code") for level, figures in found.figures.items()}
    parts = [incident_figures_of(session, settings, period, now)]
    if found.without_file is None and (group is None or group.plan is not None):
        plan = None if group is None else group.plan
        parts.append(round_figures(session, settings, period, now, plan))
    for part in parts:
        frames = {level: frame.join(part[level]) for level, frame in frames.items()}
    shared = spread(frames)
    return {level: frame.join(shared[level]) if level in shared else frame for level, frame in frames.items()}


def stamp(session: Session, now: datetime) -> Stamp:
    """Return what is another once the figures of rounds and incidents may be, besides fixes: also with each minute.

    What people do is in the audit; what the program does by itself shows in steps and gaps.
    """
    gaps = (visible(session, GAP), GAP.c.closed_as.is_not(None))
    seen = (
        select(func.max(ENTRIES.c.number)),
        select(func.max(STEP.c.id)).where(visible(session, STEP)),
        select(func.count()).select_from(INCIDENT).where(visible(session, INCIDENT)),
        select(func.count()).select_from(GAP).where(visible(session, GAP)),
        select(func.count()).select_from(GAP).where(*gaps),
        select(func.max(GAP.c.closed_at)).where(*gaps),
    )
    counts = session.execute(select(*(each.scalar_subquery() for each in seen))).one()
    return now.replace(second=0, microsecond=0), *counts
