"""What was done about the orders, for whoever sent them: state, last words, end. Satisfaction is theirs to fill in.

The words of what is confidential, or a complaint about a unit, go into no sheet: they are answered by their handlers.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, get_args
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from gisgrid.documents.workbook import Cell
from gisgrid.errors import Refused
from gisgrid.incidents.exchange.orders import OrderSource
from gisgrid.incidents.kinds.stored import Editions
from gisgrid.incidents.lifecycle import ENDED, STATES
from gisgrid.incidents.loop.steps import STEP
from gisgrid.incidents.report import COMPLAINED
from gisgrid.incidents.reports import INCIDENT, WITHOUT_GEOMETRY
from gisgrid.incidents.sources import SOURCES
from gisgrid.intake.finding import conditions
from gisgrid.once import AT_A_TIME
from gisgrid.parameters import Period
from gisgrid.sight import visible

MOST: Final = 20_000
HEAD: Final[list[Cell]] = [
    "工单编号 order",
    "来源 source",
    "事件编号 number",
    "类别 kind",
    "上报时间 reported at",
    "状态 state",
    "办理情况 what was done",
    "办结时间 closed at",
    "满意度 satisfaction",
]
SEPARATELY: Final = "另行答复 answered separately"


class TooMany(Refused):
    """More rows than one file is to hold."""


def too_many() -> TooMany:
    """Say what to do about more rows than one file is to hold."""
    return TooMany(
        f"超过 {MOST} 条,请缩小时段或范围后分几次导出", f"more than {MOST} rows: export a shorter period at a time"
    )


def told_back(
    session: Session, zone: ZoneInfo, source: OrderSource | None = None, period: Period | None = None
) -> list[list[Cell]]:
    """Return the orders that may be seen, by when they were reported, below their head. Raises TooMany."""
    sources = [source] if source else list(get_args(OrderSource))
    where = [*conditions(session, INCIDENT, "reported_at", period=period), INCIDENT.c.source.in_(sources)]
    asked = select(*WITHOUT_GEOMETRY).where(*where, INCIDENT.c.outside_number.is_not(None))
    rows = session.execute(asked.order_by(INCIDENT.c.reported_at, INCIDENT.c.id).limit(MOST + 1)).mappings().all()
    if len(rows) > MOST:
        raise too_many()
    steps, editions = _steps(session, [row["id"] for row in rows]), Editions(session)
    return [HEAD, *(_row(row, steps.get(row["id"], []), editions, zone) for row in rows)]


def _steps(session: Session, incidents: Sequence[int]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = {}
    asked = select(STEP.c.incident_id, STEP.c.to_state, STEP.c.made_at, STEP.c.words).where(visible(session, STEP))
    for start in range(0, len(incidents), AT_A_TIME):
        its = asked.where(STEP.c.incident_id.in_(incidents[start : start + AT_A_TIME]))
        for step in session.execute(its.order_by(STEP.c.incident_id, STEP.c.number)):
            found.setdefault(step.incident_id, []).append(step)
    return found


def _row(row: Any, steps: Sequence[Any], editions: Editions, zone: ZoneInfo) -> list[Cell]:
    kind = editions.kind_at(row["kind"], row["reported_at"], zone)
    is_kept = row["is_confidential"] or any(row[name] is not None for name in COMPLAINED)
    words = SEPARATELY if is_kept else next((step.words for step in reversed(steps) if step.words), "")
    return [
        row["outside_number"],
        SOURCES[row["source"]][0],
        row["number"],
        kind.name_zh if kind else row["kind"],
        local(row["reported_at"], zone),
        STATES[row["state"]][0],
        words,
        local(_ended_at(row["state"], steps), zone),
        "",
    ]


def _ended_at(state: str, steps: Sequence[Any]) -> datetime | None:
    """Return when an incident that has ended came to its end: a later step, as its evaluation, is none."""
    if state not in ENDED:
        return None
    found = None
    for step in reversed(steps):
        if step.to_state not in ENDED:
            break
        found = step.made_at
    return found


def local(moment: datetime | None, zone: ZoneInfo) -> str:
    """Write a time as a clock here shows it; "" for none."""
    return "" if moment is None else f"{moment.astimezone(zone):%Y-%m-%d %H:%M}"
