"""A day and a month in the world of four squares, with plans, a gap and an operation; names may be hostile."""

from datetime import UTC, date, datetime, timedelta

from sqlalchemy import select

from gisgrid.audit.record import OPERATOR
from gisgrid.coverage.occasions.define import OCCASIONS
from gisgrid.coverage.occasions.make import Asked, told_of
from gisgrid.database import session_scope
from gisgrid.grid.tables import Cell
from gisgrid.sight import EVERYTHING
from gisgrid.staff.caller import Caller, sight_for
from gisgrid.staff.people import add_person
from gisgrid.staff.scope import Role
from tests.coverage.worlds import NOON, cells, settle, stay
from tests.rows import a_gap, a_plan

DAY = date(2026, 11, 3)
"""The day after NOON; a Tuesday."""
NOW = datetime(2026, 12, 5, tzinfo=UTC)
TERMS = {
    "since": "2026-11-01",
    "places": [["cell", "SW"]],
    "by_anyone": True,
    "duration_min": 60,
    "grace_min": 0,
    "weekdays": [1, 2, 3, 4, 5, 6, 7],
    "every_days": 1,
    "at": ["09:00", "15:00"],
    "windows": [],
    "times_a_day": 0,
}


def lay_out(engine, cell="SW站", plan="岸线"):
    """Store the world: somebody at noon in SW and in NE, a plan with two rounds a day in SW, an operation, a gap."""
    frame = cells()
    frame.loc[frame["code"] == "SW", "name"] = cell
    with session_scope(engine, write=True) as session:
        settle(session, frame=frame)
        stay(session, (0, 500, 500), (10, 500, 500))
        stay(session, (0, 1500, 1500), (10, 1500, 1500), patroller="P2", patrol="2")
        rows = {row.code: row.id for row in session.execute(select(Cell.code, Cell.id))}
        at = {"street_id": rows["X"], "community_id": rows["S"], "substation_id": rows["SW"]}
        its = {"terms": [TERMS], "made_at": datetime(2026, 10, 1, tzinfo=UTC), **at}
        patrol = a_plan(plan, **its)
        operation = a_plan(f"{plan}整治", is_operation=True, last_day=date(2026, 11, 5), **its)
        session.add_all([patrol, operation])
        session.flush()
        times = dict.fromkeys(("start_at", "end_at", "last_at", "opened_at"), NOON - timedelta(days=1))
        session.add(a_gap(1, patrol.id, kind="cell", code="SW", **at, **times))
        return operation.id


def a_caller(role, cell):
    """Return somebody with a role in a cell."""
    return Caller("person", person=1, roles=(Role(role, cell),))


def told(engine, settings, name, day=DAY, plan=None, caller=None, now=NOW):
    """Return the report of an occasion, as somebody sees it."""
    with session_scope(engine) as session:
        sight = EVERYTHING if caller is None else sight_for(session, caller, "coverage")
    with session_scope(engine, sight=sight) as session:
        return told_of(session, settings, Asked(OCCASIONS[name], day, plan), now, caller)


def somebody(engine, name="lilei"):
    """Return the row of a person."""
    with session_scope(engine, write=True) as session:
        return add_person(session, OPERATOR, name).id
