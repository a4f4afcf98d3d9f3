"""What a stream tells of incidents: those that were reported or moved last, of each what a mark on a map needs."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, Final, NamedTuple
from weakref import WeakKeyDictionary

from sqlalchemy import func, select
from sqlalchemy.orm import Session
from sqlalchemy.pool import Pool

from gisgrid.database import pool_of
from gisgrid.incidents.loop.lights import clocks
from gisgrid.incidents.loop.steps import STEP
from gisgrid.incidents.reports import INCIDENT, incidents_page
from gisgrid.parameters import Page
from gisgrid.patrols.live.watch import Source
from gisgrid.settings import Settings
from gisgrid.sight import seeing_everything, visible

MOST: Final = Page(limit=50, offset=0)
EVERY: Final = timedelta(seconds=15)
"""How often the clocks are looked at anew; whatever is moved is told at once."""
MOST_SHOWN: Final = 1000
MOST_STEPS: Final = 8 * MOST.limit
TOLD: Final = ("number", "kind", "kind_zh", "kind_en", "state", "state_zh", "state_en", "is_overdue")


class _Shown(NamedTuple):
    """How an incident was shown at a time, after its last step."""

    row: dict[str, Any]
    step: int
    at: datetime


_shown: WeakKeyDictionary[Pool, dict[int, _Shown]] = WeakKeyDictionary()


def latest(session: Session, settings: Settings, now: datetime) -> dict[str, Any]:
    """Tell of the incidents that this session may see, those that were moved last, by their ids; the last first.

    Each is the same to all who may see it: it is worked out once for all who watch.
    """
    moved, known = _moved(session), _shown.get(pool_of(session), {})
    found = {number: known[number] for number, step in moved.items() if _is_fresh(known.get(number), step, now)}
    due = [number for number in moved if number not in found]
    if due:
        found |= {number: _Shown(row, moved[number], now) for number, row in _rows(session, settings, due, now)}
        _shown[pool_of(session)] = found if len(known) > MOST_SHOWN else {**known, **found}
    return {str(number): found[number].row for number in moved if number in found}


def _is_fresh(shown: _Shown | None, step: int, now: datetime) -> bool:
    return shown is not None and shown.step == step and abs(now - shown.at) < EVERY


def _moved(session: Session) -> dict[int, int]:
    """Return the last steps, by their rows, of the incidents that moved last."""
    asked = select(STEP.c.incident_id, STEP.c.id).where(visible(session, STEP)).order_by(STEP.c.id.desc())
    moved: dict[int, int] = {}
    for number, step in session.execute(asked.limit(MOST_STEPS)):
        moved.setdefault(number, step)
    return dict(islice(moved.items(), MOST.limit))


def _rows(
    session: Session, settings: Settings, numbers: Sequence[int], now: datetime
) -> Iterator[tuple[int, dict[str, Any]]]:
    found = incidents_page(session, settings.zone, MOST, more=[INCIDENT.c.id.in_(numbers)])[1]
    for number, its in clocks(session, settings, found, now).items():
        row = next(each for each in found if each["id"] == number)
        yield number, _told(row, its.shown.state, its.steps[-1].made_at if its.steps else row["received_at"])


def _told(row: dict[str, Any], light: str, moved_at: datetime) -> dict[str, Any]:
    return {
        **{name: row[name] for name in TOLD},
        "longitude": row["longitude"],
        "latitude": row["latitude"],
        "light": light,
        "cell": row["substation_code"] or row["community_code"] or row["street_code"],
        "reported_at": row["reported_at"].isoformat(timespec="seconds"),
        "at": moved_at.isoformat(timespec="seconds"),
    }


def _version(session: Session) -> int | None:
    """Return the row of the last step, anywhere."""
    with seeing_everything(session):
        newest: int | None = session.scalar(select(func.max(STEP.c.id)).where(visible(session, STEP)))
        return newest


INCIDENTS: Final = Source("incidents", "incidents", latest, every_s=EVERY.total_seconds(), version=_version)
