"""A world that has been walked over for months, seen from one evening: what is kept of it, and since when."""

from datetime import UTC, date, datetime, timedelta

from sqlalchemy import Engine, func, select, update

from gisgrid.coverage.report import coverage_report
from gisgrid.database import session_scope
from gisgrid.once import table_of
from gisgrid.parameters import Period
from gisgrid.patrols.tables import CellDay, Fix, Patroller, SealedDay
from gisgrid.privacy.retention import run
from gisgrid.settings import Settings
from tests.coverage.worlds import settle, stay

TODAY = date(2026, 11, 20)
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
"""20 o'clock of that day, local time."""
FIRST = date(2026, 9, 22)
"""With 60 days, the first whose fixes stay."""
SPOTS = {"SW": (500, 500), "SE": (1500, 500), "NW": (500, 1500), "NE": (1500, 1500), "outside": (-5000, 0)}


def noon(days_ago: int) -> datetime:
    """Return noon, local time, of a day so long ago."""
    return datetime(2026, 11, 20, 4, tzinfo=UTC) - timedelta(days=days_ago)


def ground(engine: Engine, first_day: date = date(2026, 1, 1)) -> None:
    """Lay the four squares."""
    with session_scope(engine, write=True) as session:
        settle(session, first_day)


def walk(engine: Engine, days_ago: int, *spots: str, who: str = "P1") -> None:
    """Let somebody be at some spots, one a minute, from noon on of a day so long ago; it arrives at once."""
    fixes = [(minute, *SPOTS[spot]) for minute, spot in enumerate(spots)]
    with session_scope(engine, write=True) as session:
        stay(session, *fixes, patroller=who, patrol=f"{who} {days_ago}", start=noon(days_ago))


def stand(engine: Engine, standing: str, **changes: object) -> None:
    """Let all fixes that count stand otherwise."""
    with session_scope(engine, write=True) as session:
        session.execute(update(Fix).where(Fix.standing == "counted").values(standing=standing, **changes))


def sums(engine: Engine, settings: Settings, first_day: date = date(2026, 1, 1)) -> dict[str, dict[str, int]]:
    """Return the check-ins of all days by cell, at each level, and what lies in none."""
    period = Period.last_days((TODAY - first_day).days, TODAY, settings.zone)
    found = {}
    with session_scope(engine) as session:
        for level in ("street", "community", "substation"):
            report = coverage_report(session, settings, level=level, period=period)
            found[level] = {cell.code: cell.check_ins for cell in report.cells if cell.check_ins}
            found[level][""] = report.outside.check_ins
    return found


def rows(engine: Engine, model: type) -> int:
    """Return how many rows a table has."""
    with session_scope(engine) as session:
        return session.scalar(select(func.count()).select_from(table_of(model))) or 0


def standings(engine: Engine) -> dict[str, int]:
    """Return how many fixes stand how."""
    with session_scope(engine) as session:
        return dict(session.execute(select(Fix.standing, func.count()).group_by(Fix.standing)).all())


def sealed(engine: Engine) -> dict[date, int]:
    """Return the sealed days and how many fixes they had."""
    with session_scope(engine) as session:
        return dict(session.execute(select(SealedDay.day, SealedDay.fixes).order_by(SealedDay.day)).all())


def kept(engine: Engine, *names: str) -> list[tuple[object, ...]]:
    """Return columns of the cell-days, in order."""
    columns = [table_of(CellDay).c[name] for name in names]
    with session_scope(engine) as session:
        return [tuple(row) for row in session.execute(select(*columns).order_by(*columns))]


def patroller(engine: Engine, ref: str = "P1") -> int:
    """Return the row of a patroller."""
    with session_scope(engine) as session:
        return session.scalars(select(Patroller.id).where(Patroller.ref == ref)).one()


def retain(engine: Engine, settings: Settings, later: timedelta = timedelta()) -> dict[str, int]:
    """Let go what is due on that evening, or later; return what went."""
    return {name: count for name, count in run(engine, settings, NOW + later).items() if count}
