"""A street with checkpoints, people who plan and people who walk: what is in the database, and what is asked of it."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

import geopandas as gpd
import shapely
from sqlalchemy import Engine, select

from gisgrid.audit.record import OPERATOR
from gisgrid.database import session_scope
from gisgrid.grid.tables import Cell
from gisgrid.patrols.checkpoints import store_checkpoints
from gisgrid.patrols.people import patroller_of
from gisgrid.patrols.plans.change_plans import Wish, make_plan
from gisgrid.patrols.plans.judge_rounds import judged, known_rounds
from gisgrid.patrols.plans.read_plans import plans_between
from gisgrid.patrols.plans.rounds import State
from gisgrid.patrols.tables import Checkpoint, Fix, Patroller, Shift
from gisgrid.settings import Settings
from gisgrid.sight import EVERYTHING, Sight
from gisgrid.staff.appointments import grant
from gisgrid.staff.caller import roles_of
from gisgrid.staff.people import person_of
from gisgrid.staff.scope import sight
from tests.laid import ELSEWHERE, SPOT, SUBSTATION, lay
from tests.patrols.plans.builders import DAY, ZONE, after_nine, terms
from tests.staff.builders import hire

AWAY = "440307009003002"
"""The station of ELSEWHERE, where the checkpoint C9 is; C1 is at SPOT in SUBSTATION."""
SETTINGS = Settings()
LONG_AGO = datetime(2026, 11, 1, tzinfo=UTC)
EVENING = after_nine(10 * 60)
"""Seven in the evening of DAY, when all that is due in the morning is over."""


def today() -> date:
    """Return the day it is in the zone of these plans: asked anew, since a run may go over midnight."""
    return datetime.now(UTC).astimezone(ZONE).date()


def settle_down(engine: Engine) -> None:
    """Lay a grid, with a checkpoint in each of two stations."""
    lay(engine)
    store_two(engine)


def store_two(engine: Engine) -> None:
    """Store a checkpoint in each of two stations."""
    frame = gpd.GeoDataFrame(
        {"code": ["C1", "C9"], "name": ["码头", "岭顶"], "radius_m": 50.0, "is_illustrative": False},
        geometry=shapely.points([SPOT, ELSEWHERE]),
        crs="EPSG:4326",
    )
    with session_scope(engine, write=True) as session:
        store_checkpoints(session, frame)


def a_walker(engine: Engine, name: str, cell: str | None = SUBSTATION, role: str = "patroller") -> int:
    """Hire somebody who walks in a cell; return the row of the person."""
    person = hire(engine, name)
    with session_scope(engine, write=True) as session:
        grant(session, OPERATOR, person_of(session, person), role, cell)
        patroller_of(session, person)
    return person


def sight_in(engine: Engine, role: str, cell: str | None) -> Sight:
    """Return what somebody of a role in a cell sees where they plan."""
    person = hire(engine, f"{role}-{cell}")
    with session_scope(engine, write=True) as session:
        grant(session, OPERATOR, person_of(session, person), role, cell)
        return sight(session, roles_of(session, person), "plan", person)


def a_wish(name: str = "码头巡查", **changes: Any) -> Wish:
    """Return a plan for C1 at nine, since the first of the month; further changes are of its terms."""
    own = {key: changes.pop(key) for key in ("first_day", "last_day", "people", "is_operation") if key in changes}
    return Wish(**{"name": name, "first_day": date(2026, 11, 1), "last_day": None, "terms": terms(**changes), **own})


def planned(engine: Engine, *, made_at: datetime = LONG_AGO, sight: Sight = EVERYTHING, **changes: Any) -> int:
    """Make a plan; return its row."""
    with session_scope(engine, write=True, sight=sight) as session:
        return make_plan(session, SETTINGS, OPERATOR, a_wish(**changes), made_at=made_at).id


Position = tuple[float, float]


def walked(
    engine: Engine, who: int | str, *minutes: float, at: Position = SPOT, arrived: float | None = None, **fields: Any
) -> None:
    """Store fixes of a person (their row), or of a name without an account, so many minutes after nine."""
    with session_scope(engine, write=True) as session:
        patroller = patroller_of(session, who).id if isinstance(who, int) else _named(session, who)
        cells = {f"{row.level}_id": row.id for row in session.execute(_cells_of(at))}
        for each in minutes:
            moment = after_nine(each)
            came = moment if arrived is None else after_nine(arrived)
            place = dict(zip(("longitude", "latitude", "raw_longitude", "raw_latitude"), at * 2, strict=True))
            name = f"{moment.isoformat()} {at[0]}"
            times = {"fix_at": moment, "received_at": came}
            row = {
                "client_id": name,
                "sender_id": patroller,
                "patroller_id": patroller,
                "crs": "EPSG:4326",
                "accuracy_m": 5.0,
                **times,
            }
            session.add(Fix(**{**row, **place, **cells, **fields}))


def _named(session: Any, ref: str) -> int:
    found = session.scalar(select(Patroller.id).where(Patroller.ref == ref))
    if found is None:
        made = Patroller(ref=ref)
        session.add(made)
        session.flush()
        found = made.id
    return int(found)


def _cells_of(at: tuple[float, float]) -> Any:
    code = {SPOT: SUBSTATION, ELSEWHERE: AWAY}.get(at, "")
    return select(Cell.level, Cell.id).where(Cell.code.in_([code[:9], code[:12], code]))


def on_duty(engine: Engine, person: int, start: float, end: float) -> None:
    """Let a person have had a shift, from and to some minutes after nine."""
    with session_scope(engine, write=True) as session:
        times = {"started_at": after_nine(start), "ended_at": after_nine(end), "signed_on_at": after_nine(start)}
        session.add(Shift(patroller_id=patroller_of(session, person).id, **times))


def states(engine: Engine, now: datetime = EVENING, days: Sequence[date] = (DAY,), **changes: Any) -> list[State]:
    """Return how the rounds of all plans stand."""
    settings = SETTINGS.model_copy(update=changes)
    with session_scope(engine) as session:
        plans = plans_between(session, min(days), max(days))
        return [each.state for each in judged(session, settings, known_rounds(plans, days, settings, now), now)]


def checkpoint_row(engine: Engine, code: str = "C1") -> int:
    with session_scope(engine) as session:
        return session.scalars(select(Checkpoint.id).where(Checkpoint.code == code)).one()


def clock(moment: datetime) -> str:
    return f"{moment.astimezone(ZONE):%H:%M}"
