"""The two walls: what must be refused is, what may be seen is, and both walls say the same as the plain rules."""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any

import hypothesis
import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st
from sqlalchemy import Engine, event, func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from gisgrid.database import Base, make_engine, session_scope
from gisgrid.grid.tables import LEVELS
from gisgrid.incidents.tables import Incident
from gisgrid.patrols.tables import Shift
from gisgrid.sight import EVERYTHING, NOTHING, SIGHT, Sight, Unseen, seeing, seeing_everything, sight_of, visible
from tests.rows import fill
from tests.sights import PLACED, TABLES, Ground, expected, ground, key_of, rows, sights, stored
from tests.statements import A_SHIFT, FIXES, INCIDENTS, LET_THROUGH, LITTLE, OTHER_WAYS, REFUSED


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
    for statement in [*LET_THROUGH.values()] * 2:  # what is known of a shape holds the next time, too
        limited.execute(statement)
        limited.rollback()


def test_statements_without_it_are_refused(limited: Session) -> None:
    twice = [*REFUSED.items()] * 2
    let = [name for name, each in twice if not is_refused(limited, lambda each=each: limited.execute(each))]
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
        assert session.scalar(select(func.count(Shift.id))) == 2


def test_the_limits_are_lifted_and_come_back(limited: Session) -> None:
    with seeing_everything(limited):
        assert sight_of(limited) == EVERYTHING
        assert limited.scalar(select(func.count(FIXES.c.id))) == 3
        with seeing_everything(limited):
            pass
        assert limited.scalar(select(func.count(FIXES.c.id))) == 3
    assert sight_of(limited) == LITTLE
    assert is_refused(limited, lambda: limited.execute(REFUSED["core"]))


@pytest.mark.parametrize("database_url", ["postgis"], indirect=True)
def test_what_is_seen_already_is_not_told_to_the_database_again(filled: Engine) -> None:
    said: list[str] = []
    with Session(filled) as session:
        event.listen(filled, "before_cursor_execute", lambda *told: said.append(told[2]))
        for _ in range(3):
            with seeing_everything(session):
                session.scalar(select(func.count(FIXES.c.id)))
    assert sum("set_config" in words for words in said) == 1  # as the transaction began


def test_something_else_is_seen_for_a_while(limited: Session) -> None:
    def incidents() -> int:
        return limited.scalar(select(func.count()).select_from(INCIDENTS).where(visible(limited, INCIDENTS))) or 0

    before = incidents()
    with seeing(limited, NOTHING):
        assert incidents() == 0
    assert (sight_of(limited), incidents()) == (LITTLE, before)
    assert before > 0


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
        for row in kept["plans"]:
            cells = [row[f"{level}_id"] for level in LEVELS]
            assert sight.holds(cells) == ((row["id"],) in should["plans"])
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
    for act, count in (("UPDATE fixes SET accuracy_m = 1", 3), ("DELETE FROM objections", 1)):
        for sight, changed in ((NOTHING, 0), (EVERYTHING, count)):
            with session_scope(service, sight=sight) as session, words(session, act) as cursor:
                assert cursor.rowcount == changed


@ONLY_POSTGIS
def test_a_connection_that_was_told_nothing_shows_nothing(filled: Engine, service: Engine) -> None:
    with service.connect() as connection:
        shown = {name: connection.scalar(text(f"SELECT count(*) FROM {name}")) for name in PLACED}
    assert shown == dict.fromkeys(PLACED, 0)
