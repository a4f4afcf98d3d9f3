"""The two walls: what must be refused is, what may be seen is, and both walls say the same as the plain rules."""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any

import hypothesis
import pandas as pd
import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st
from sqlalchemy import (
    ColumnElement,
    Engine,
    Executable,
    and_,
    case,
    column,
    delete,
    exists,
    func,
    insert,
    literal_column,
    not_,
    or_,
    select,
    table,
    text,
    true,
    tuple_,
    union_all,
    update,
)
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, aliased

from gisgrid.database import Base, make_engine, session_scope
from gisgrid.incidents.tables import Incident
from gisgrid.patrols.tables import Fix, Patroller, Shift
from gisgrid.sight import (
    EVERYTHING,
    NOTHING,
    SIGHT,
    Cells,
    Sight,
    Unseen,
    seeing_everything,
    seen_by,
    sight_of,
    visible,
)
from tests.rows import DAWN, fill
from tests.sights import PLACED, TABLES, Ground, expected, ground, key_of, rows, sights, stored

LITTLE = Sight(answers=Cells(substations=frozenset({3})), person=1)
INCIDENTS, FIXES = TABLES["incidents"], TABLES["fixes"]
WALKERS, PATROLS = Base.metadata.tables["patrollers"], Base.metadata.tables["patrols"]
SEEN, SEEN_FIX = seen_by(LITTLE, INCIDENTS), seen_by(LITTLE, FIXES)
A_SHIFT = {"patroller_id": 1, "started_at": DAWN, "ended_at": DAWN, "signed_on_at": DAWN}
WALKED: ColumnElement[bool] = FIXES.c.patroller_id == WALKERS.c.id

LET_THROUGH: dict[str, Executable] = {
    "core": select(INCIDENTS.c.id).where(SEEN),
    "orm": select(Incident).where(SEEN),
    "a column": select(Incident.kind).where(SEEN, Incident.kind == "x").where(Incident.id > 1),
    "and": select(INCIDENTS.c.id).where(and_(and_(SEEN, INCIDENTS.c.id > 1), INCIDENTS.c.id > 2)),
    "join": select(WALKERS.c.ref).join(FIXES, WALKED).where(SEEN_FIX),
    "two tables": select(INCIDENTS.c.id).join(FIXES, true()).where(SEEN, SEEN_FIX),
    "count": select(func.count()).select_from(select(INCIDENTS.c.id).where(SEEN).subquery()),
    "cte": select(select(FIXES.c.id).where(SEEN_FIX).cte().c.id),
    "in": select(WALKERS.c.id).where(WALKERS.c.id.in_(select(FIXES.c.patroller_id).where(SEEN_FIX))),
    "exists": select(WALKERS.c.id).where(exists().where(WALKED, SEEN_FIX)),
    "union": union_all(select(INCIDENTS.c.id).where(SEEN), select(FIXES.c.id).where(SEEN_FIX)),
    "rule of a rule": select(TABLES["objections"].c.id).where(seen_by(LITTLE, TABLES["objections"])),
    "update": update(INCIDENTS).where(SEEN, INCIDENTS.c.id == 1).values(kind="x"),
    "delete": delete(Fix).where(SEEN_FIX),
    "insert": insert(TABLES["shifts"]).values(A_SHIFT),
    "columns and labels of the name": text("SELECT a.fixes, 1 AS shifts FROM (SELECT 1 AS fixes) AS a"),
    "other tables": select(WALKERS),
}
REFUSED: dict[str, Executable] = {
    "core": select(INCIDENTS.c.id),
    "orm": select(Incident),
    "a column": select(Incident.kind),
    "count": select(func.count()).select_from(INCIDENTS),
    "window": select(func.count(FIXES.c.id).over()),
    "locked": select(FIXES.c.id).with_for_update(),
    "or": select(INCIDENTS.c.id).where(or_(SEEN, INCIDENTS.c.id == 1)),
    "or true": select(INCIDENTS.c.id).where(or_(SEEN, true())),
    "not": select(INCIDENTS.c.id).where(not_(SEEN)),
    "not not": select(INCIDENTS.c.id).where(not_(not_(SEEN))),
    "case": select(INCIDENTS.c.id).where(case((SEEN, True), else_=True)),
    "having": select(INCIDENTS.c.id).group_by(INCIDENTS.c.id).having(SEEN),
    "of another table": select(INCIDENTS.c.id).where(SEEN_FIX),
    "one of two tables": select(INCIDENTS.c.id, FIXES.c.id).where(SEEN),
    "alias": select(INCIDENTS.alias().c.id),
    "alias with the condition of the table": select(INCIDENTS.alias().c.id).where(SEEN),
    "alias of an alias": select(INCIDENTS.alias().alias().c.id),
    "orm alias": select(aliased(Incident).id),
    "joined to itself": select(INCIDENTS.c.id).join(INCIDENTS.alias("o"), INCIDENTS.c.id > 0).where(SEEN),
    "sample": select(INCIDENTS.tablesample(func.system(1)).c.id),
    "lateral": select(select(INCIDENTS.c.id).lateral().c.id),
    "join": select(WALKERS.c.id).join(FIXES, WALKED),
    "outer join": select(WALKERS.c.id).outerjoin(FIXES, and_(WALKED, SEEN_FIX)),
    "orm join": select(Patroller).join(Fix, Patroller.id == Fix.patroller_id),
    "join in a join": select(WALKERS.c.id).select_from(
        WALKERS.join(FIXES.join(PATROLS, FIXES.c.patrol_id == PATROLS.c.id), WALKED)
    ),
    "subquery": select(select(FIXES.c.id).subquery().c.id),
    "alias of a subquery": select(select(FIXES.c.id).subquery().alias().c.id),
    "scalar": select(WALKERS.c.id, select(func.count(FIXES.c.id)).scalar_subquery()),
    "in": select(WALKERS.c.id).where(WALKERS.c.id.in_(select(FIXES.c.patroller_id))),
    "tuple in": select(WALKERS.c.id).where(tuple_(WALKERS.c.id).in_(select(FIXES.c.patroller_id))),
    "exists": select(WALKERS.c.id).where(exists().where(WALKED)),
    "exists under a condition": select(INCIDENTS.c.id).where(SEEN, exists().where(FIXES.c.id == INCIDENTS.c.id)),
    "order": select(WALKERS.c.id).order_by(select(func.max(FIXES.c.id)).scalar_subquery()),
    "limit": select(WALKERS.c.id).limit(select(func.max(FIXES.c.id)).scalar_subquery()),
    "having a subquery": select(WALKERS.c.id)
    .group_by(WALKERS.c.id)
    .having(select(func.max(FIXES.c.id)).scalar_subquery() > 1),
    "cte": select(select(FIXES.c.id).cte().c.id),
    "unused cte": select(WALKERS.c.id).add_cte(select(FIXES.c.id).cte()),
    "union": union_all(select(WALKERS.c.id), select(FIXES.c.id)),
    "half a union": union_all(select(INCIDENTS.c.id).where(SEEN), select(FIXES.c.id)),
    "update": update(INCIDENTS).values(kind="x"),
    "orm update": update(Incident).where(Incident.id == 1).values(kind="x"),
    "update from": update(WALKERS).where(WALKED).values(name=FIXES.c.client_id),
    "update with a subquery": update(WALKERS).values(name=select(func.max(FIXES.c.client_id)).scalar_subquery()),
    "delete": delete(Fix),
    "delete or": delete(FIXES).where(or_(SEEN_FIX, FIXES.c.id == 1)),
    "insert from": insert(WALKERS).from_select(["ref"], select(FIXES.c.client_id)),
    "from a statement": select(Incident).from_statement(select(INCIDENTS)),
    "from text": select(Incident).from_statement(text("SELECT * FROM incidents")),
    "text": text("SELECT * FROM fixes"),
    "text in capitals": text("SELECT * FROM FIXES"),
    "text with a comment": text("SELECT * FROM/**/fixes"),
    "text in quotes": text('SELECT * FROM "fixes"'),
    "text with columns": text("SELECT id FROM fixes").columns(column("id")),
    "text as a table": select(text("id")).select_from(text("fixes")),
    "text as a condition": select(WALKERS.c.id).where(text("id IN (SELECT id FROM fixes)")),
    "a literal": select(literal_column("(SELECT count(*) FROM fixes)")),
    "a table by its name": select(table("fixes", column("id")).c.id),
    "a suffix": select(WALKERS.c.id).suffix_with("UNION SELECT id FROM fixes"),
    "a prefix": select(WALKERS.c.id).prefix_with("(SELECT max(id) FROM fixes),"),
    "an operator": select(WALKERS.c.id.op("IN (SELECT id FROM fixes) OR 1 =")(1)),
    "the handlers of incidents": select(TABLES["incident_handlers"]),
}
OTHER_WAYS: dict[str, Callable[[Session], Any]] = {
    "get": lambda session: session.get(Incident, 1),
    "query": lambda session: session.query(Incident).all(),
    "core on the connection": lambda session: session.connection().execute(select(FIXES.c.id)),
    "text on the connection": lambda session: session.connection().execute(text("SELECT 1 FROM fixes")),
    "the driver's words": lambda session: session.connection().exec_driver_sql("SELECT 1 FROM fixes"),
    "pandas": lambda session: pd.read_sql(select(FIXES.c.id), session.connection()),
    "pandas and text": lambda session: pd.read_sql("SELECT id FROM fixes", session.connection()),
    "many at once": lambda session: session.execute(update(Incident), [{"id": 1, "kind": "x"}]),
}


@pytest.fixture
def filled(engine: Engine) -> Engine:
    """A database with a row in each table."""
    with session_scope(engine, write=True) as session:
        fill(session)
    return engine


@pytest.fixture
def limited(filled: Engine) -> Iterator[Session]:
    """A session that sees little, and whatever it does is taken back."""
    with session_scope(filled, sight=LITTLE) as session:
        yield session


def is_refused(session: Session, act: Callable[[], Any]) -> bool:
    try:
        act()
    except Unseen:
        return True
    finally:
        session.rollback()
    return False


# --- the first wall --------------------------------------------------------------------------------


def test_statements_with_their_condition_go_through(limited: Session) -> None:
    for statement in LET_THROUGH.values():
        limited.execute(statement)
        limited.rollback()


def test_statements_without_it_are_refused(limited: Session) -> None:
    let = [name for name, each in REFUSED.items() if not is_refused(limited, lambda each=each: limited.execute(each))]
    assert let == []


def test_whichever_way_they_come(limited: Session) -> None:
    let = [name for name, act in OTHER_WAYS.items() if not is_refused(limited, lambda act=act: act(limited))]
    assert let == []


def test_nothing_is_refused_where_everything_may_be_seen(filled: Engine) -> None:
    odd = ("sample", "lateral")  # SQLite knows neither
    with session_scope(filled) as session:
        assert sight_of(session) == EVERYTHING
        for act in [OTHER_WAYS["pandas"], OTHER_WAYS["get"]]:
            act(session)
        for name in ("core", "alias", "join in a join", "text", "cte", "update", "delete", *odd):
            if name not in odd or filled.dialect.name == "postgresql":
                session.execute(REFUSED[name])
        session.rollback()


def test_the_same_connection_is_free_for_the_next(filled: Engine) -> None:
    with session_scope(filled, sight=NOTHING) as session:
        assert session.scalar(select(func.count(FIXES.c.id)).where(visible(session, FIXES))) == 0
    with filled.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM fixes")) == 3


def test_what_was_read_can_be_written_and_new_rows_added(filled: Engine) -> None:
    with session_scope(filled, write=True, sight=LITTLE) as session:
        incident = session.scalars(select(Incident).where(visible(session, INCIDENTS))).one()
        incident.description = "x"
        session.add(Shift(**A_SHIFT))
    with session_scope(filled) as session:
        assert session.scalar(select(Incident.description)) == "x"
        assert session.scalar(select(func.count(Shift.id))) == 1


def test_the_limits_are_lifted_and_come_back(limited: Session) -> None:
    with seeing_everything(limited):
        assert sight_of(limited) == EVERYTHING
        assert limited.scalar(select(func.count(FIXES.c.id))) == 3
        with seeing_everything(limited):
            pass
        assert limited.scalar(select(func.count(FIXES.c.id))) == 3
    assert sight_of(limited) == LITTLE
    assert is_refused(limited, lambda: limited.execute(REFUSED["core"]))


@pytest.mark.parametrize("mistake", ["SELECT nonsense", ""])
def test_an_error_within_is_told_as_it_is_and_the_limits_come_back(limited: Session, mistake: str) -> None:
    kind: type[Exception] = DBAPIError if mistake else ZeroDivisionError
    with pytest.raises(kind, match="nonsense" if mistake else "zero"), seeing_everything(limited):  # noqa: PT012
        limited.execute(text(mistake or "SELECT 1"))
        limited.execute(text(f"SELECT {1 // 0}"))
    assert sight_of(limited) == LITTLE
    if not mistake:
        assert raw(limited, "incidents") == raw(limited, "incidents", "WHERE substation_id = 3")


# --- both walls ------------------------------------------------------------------------------------


@contextmanager
def words(session: Session, statement: str) -> Iterator[Any]:
    """Say something to the database itself, past the first wall."""
    with closing(session.connection().connection.cursor()) as cursor:
        cursor.execute(statement)
        yield cursor


def raw(session: Session, name: str, rest: str = "") -> set[tuple[int, ...]]:
    """Return the keys of the rows that the database itself shows."""
    with words(session, f"SELECT {', '.join(key_of(name))} FROM {name} {rest}") as cursor:
        return set(cursor.fetchall())


def first_wall(session: Session, name: str) -> set[tuple[int, ...]]:
    its = TABLES[name]
    query = select(*(its.c[each] for each in key_of(name))).where(visible(session, its))
    return {tuple(row) for row in session.execute(query)}


def agree(owner: Engine, service: Engine, examples: int) -> None:
    """Try rows and sights at random: the first wall alone, the second alone, and the plain rules see the same."""
    at: Ground = ground(owner)
    shown: dict[str, set[bool]] = {name: set() for name in PLACED}

    @hypothesis.settings(max_examples=examples, suppress_health_check=[HealthCheck.too_slow])
    @given(kept=rows(at), asked=st.lists(sights(at), min_size=1, max_size=4))
    def try_it(kept: Any, asked: list[Sight]) -> None:
        with stored(owner, kept):
            for sight in asked:
                compare(kept, sight)

    def compare(kept: Any, sight: Sight) -> None:
        should = {name: expected(name, sight, kept, at) for name in PLACED}
        with session_scope(owner, sight=sight) as session:
            assert {name: first_wall(session, name) for name in PLACED} == should
        if owner.dialect.name == "postgresql":
            with session_scope(service, sight=sight) as session:
                assert {name: raw(session, name) for name in PLACED} == should
        for name, seen in should.items():
            if kept[name] and not sight.everything:
                shown[name] |= {bool(seen)}

    try_it()
    assert shown == {name: {True, False} for name in PLACED}


@pytest.fixture
def service(database_url: str) -> Iterator[Engine]:
    """An engine on the test's database, as the service has it."""
    engine = make_engine(database_url)
    yield engine
    engine.dispose()


def test_both_walls_and_the_plain_rules_agree(engine: Engine, service: Engine) -> None:
    agree(engine, service, 40)


@pytest.mark.long
def test_both_walls_and_the_plain_rules_agree_at_length(engine: Engine, service: Engine) -> None:
    agree(engine, service, 3000)


ONLY_POSTGIS = pytest.mark.parametrize("database_url", ["postgis"], indirect=True)


@ONLY_POSTGIS
def test_each_scoped_table_is_behind_the_second_wall_and_no_other(engine: Engine) -> None:
    scoped = {name for name, its in Base.metadata.tables.items() if SIGHT in its.info}
    assert scoped == set(PLACED)
    with engine.connect() as connection:
        walled = connection.scalars(text("SELECT relname FROM pg_class WHERE relrowsecurity"))
        assert set(walled) == scoped
        policies = connection.execute(text("SELECT tablename, cmd FROM pg_policies"))
        assert sorted(policies.all()) == sorted(
            (name, act) for name in scoped for act in ("SELECT", "INSERT", "UPDATE", "DELETE")
        )


@ONLY_POSTGIS
def test_behind_the_second_wall_nothing_is_changed_or_deleted_unseen(filled: Engine, service: Engine) -> None:
    for sight, count in ((NOTHING, 0), (EVERYTHING, 3)):
        for act in ("UPDATE fixes SET accuracy_m = 1", "DELETE FROM fixes"):
            with session_scope(service, sight=sight) as session, words(session, act) as cursor:
                assert cursor.rowcount == count


@ONLY_POSTGIS
def test_a_connection_that_was_told_nothing_shows_nothing(filled: Engine, service: Engine) -> None:
    with service.connect() as connection:
        shown = {name: connection.scalar(text(f"SELECT count(*) FROM {name}")) for name in PLACED}
    assert shown == dict.fromkeys(PLACED, 0)
