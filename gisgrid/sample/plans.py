"""The sample's plans, all invented: two for the whole street, one for the demonstration's patroller, an operation."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from gisgrid.audit.record import PROGRAM
from gisgrid.database import make_engine
from gisgrid.grid.tables import Cell
from gisgrid.migrations import open_session
from gisgrid.parameters import Period
from gisgrid.patrols.plans.change_plans import Wish, make_plan
from gisgrid.patrols.plans.codes import new_secret
from gisgrid.patrols.plans.gaps import LATE, settle_gaps
from gisgrid.patrols.plans.terms import Place, Terms, Window
from gisgrid.patrols.tables import Checkpoint
from gisgrid.sample.people import WALKER
from gisgrid.settings import Settings
from gisgrid.staff.tables import Appointment, Person

OPERATION_DAYS: Final = 10
CODE_DAYS: Final = 7
MORNING: Final = time(8, 30)


def plan_sample(settings: Settings, now: datetime, days: int) -> None:
    """Make the plans as if they had been made so many days ago, today being their last, and open what gaps there are.

    Who walks in the simulation has no account, and shows no code; the plans ask for neither.
    """
    today = now.astimezone(settings.zone).date()
    with open_session(settings.database_url, write=True) as session:
        _ask_for_a_code(session)
        begun = datetime.combine(today - timedelta(days=days - 1), time(), settings.zone).astimezone(UTC)
        for wish in _wishes(session, today, days):
            make_plan(session, settings, PROGRAM, wish, made_at=begun)
    engine = make_engine(settings.database_url)
    try:
        settle_gaps(engine, settings, Period(now - LATE, now), now)
    finally:
        engine.dispose()


def _ask_for_a_code(session: Session) -> None:
    """Let a checkpoint ask for a code: the last of the first community, which is in no plan then."""
    communities = select(func.min(Cell.code)).where(Cell.level == "community").scalar_subquery()
    there = func.max(Checkpoint.code).filter(Checkpoint.code.startswith(communities))
    asks = update(Checkpoint).where(Checkpoint.code == select(there).scalar_subquery())
    session.execute(asks.values(code_days=CODE_DAYS, code_secret=new_secret()))


def _wishes(session: Session, today: date, days: int) -> list[Wish]:
    rows = session.execute(select(Checkpoint.code, Checkpoint.name).where(Checkpoint.code_days.is_(None))).all()
    since = today - timedelta(days=days - 1)
    gates, shore = ([Place("checkpoint", code) for code, name in rows if word in name] for word in ("村口", "岸边"))
    walker, cell = _walker(session)
    stations = session.scalars(select(Cell.code).where(Cell.level == "substation").order_by(Cell.code)).all()
    own = next(code for code in stations if code.startswith(cell))
    at_home = [Place("cell", own), *(Place("checkpoint", code) for code, _ in rows if code.startswith(own))]
    coast = [Place("cell", code) for code in stations if any(place.code.startswith(code) for place in shore)]
    operation = max(since, today - timedelta(days=OPERATION_DAYS - 1))
    whole_day: dict[str, Any] = {"at": (MORNING,), "duration_min": 540, "grace_min": 60}
    at_random: dict[str, Any] = {"windows": (Window(MORNING, time(21)),), "times_a_day": 1, "weekdays": (2, 4, 6)}
    return [
        Wish("村口每日巡查", since, today, _terms(since, gates, **whole_day)),
        Wish("岸线随机巡查", since, today, _terms(since, shore, duration_min=420, grace_min=30, **at_random)),
        Wish("本站每日打卡", since, today, _terms(since, at_home, by_anyone=False, **whole_day), (walker,)),
        Wish("冬季海岸防火专项行动", operation, today, _terms(operation, coast, **whole_day), is_operation=True),
    ]


def _walker(session: Session) -> tuple[str, str]:
    """Return the sign-in name of the demonstration's patroller, and the code of the cell in which they walk."""
    asked = select(Person.name, Appointment.cell_code).join(Appointment, Appointment.person_id == Person.id)
    name, cell = session.execute(asked.where(Person.is_demonstration, Appointment.role == WALKER[0])).one()
    return name, cell or ""


def _terms(since: date, places: Sequence[Place], *, by_anyone: bool = True, **times: Any) -> Terms:
    return Terms(since=since, places=tuple(sorted(places)), by_anyone=by_anyone, **times)
