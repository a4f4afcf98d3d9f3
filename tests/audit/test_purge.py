from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, select, text

from gisgrid.audit.finding import entries_page
from gisgrid.audit.heads import Head
from gisgrid.audit.purge import KEPT, TooYoung, purge
from gisgrid.audit.record import OPERATOR, PROGRAM
from gisgrid.audit.tables import AuditAnchor
from gisgrid.database import session_scope
from gisgrid.parameters import Page
from tests.audit.builders import DAY, LONG_AGO, fill_chain, forging, found, record_at

HOUR = timedelta(hours=1)
AHEAD = datetime.now(UTC) + timedelta(days=3000)


def purged(engine: Engine, before: datetime) -> int:
    with session_scope(engine, write=True) as session:
        return purge(session, before, PROGRAM)


def numbers(engine: Engine) -> list[int]:
    with session_scope(engine) as session:
        return [row["number"] for row in reversed(entries_page(session, Page(100, 0))[1])]


def test_old_entries_go_an_anchor_stays_and_the_chain_is_whole(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    record_at(engine, monkeypatch, *(LONG_AGO + number * HOUR for number in range(4)))
    with session_scope(engine) as session:
        heads = [Head(DAY, *session.execute(text("SELECT number, hash FROM audit_entries WHERE number = 3")).one())]
    fill_chain(engine, 2)
    begun = datetime.now(UTC)
    assert purged(engine, LONG_AGO + 2.5 * HOUR) == 3
    assert numbers(engine) == [4, 5, 6, 7]
    with session_scope(engine) as session:
        (anchor,) = session.scalars(select(AuditAnchor)).all()
        (told,) = entries_page(session, Page(1, 0))[1]
    assert (anchor.number, anchor.hash, anchor.entries) == (3, heads[0].hash, 3)
    assert begun <= anchor.purged_at <= told["at"]
    assert (told["actor"], told["action"], told["subject"]) == ("program", "audit.purged", None)
    assert told["detail"] == {"number": 3, "hash": anchor.hash, "entries": 3}
    assert found(engine, heads) == []


def test_purges_follow_on_each_other(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    record_at(engine, monkeypatch, *(LONG_AGO + number * HOUR for number in range(6)))
    assert [purged(engine, LONG_AGO + hours * HOUR) for hours in (2, 2, 5)] == [2, 0, 3]
    assert numbers(engine) == [6, 7, 8]
    assert found(engine) == []
    fill_chain(engine, 1)
    with forging(engine) as connection:
        connection.execute(text("DELETE FROM audit_anchors WHERE number = 5"))
    assert found(engine) == [(3, "missing")]


def test_a_purge_hides_no_hole(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    record_at(engine, monkeypatch, *(LONG_AGO + number * HOUR for number in range(5)))
    with forging(engine) as connection:
        connection.execute(text("DELETE FROM audit_entries WHERE number IN (1, 3)"))
    assert purged(engine, LONG_AGO + 4 * HOUR) == 2
    assert found(engine) == [(4, "lost")]


def test_everything_may_go_but_the_entry_that_tells_it(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    record_at(engine, monkeypatch, LONG_AGO, LONG_AGO + HOUR)
    assert purged(engine, LONG_AGO + 2 * HOUR) == 2
    assert numbers(engine) == [3]
    assert found(engine) == []


def test_with_nothing_to_purge_nothing_is_recorded(engine: Engine) -> None:
    assert purged(engine, LONG_AGO) == 0
    fill_chain(engine, 2)
    assert purged(engine, LONG_AGO) == 0
    assert numbers(engine) == [1, 2]


@pytest.mark.parametrize(
    ("moments", "left"),
    [
        # the clock was ahead for an entry: it goes with its neighbours, and does not keep the rest for ever
        ((LONG_AGO, AHEAD, LONG_AGO + HOUR, datetime.now(UTC)), [4, 5]),
        # the clock was behind for an entry: the young ones before it stay, and it with them
        ((LONG_AGO, datetime.now(UTC), LONG_AGO + HOUR, datetime.now(UTC)), [2, 3, 4, 5]),
        # nothing is known of the last one: it stays
        ((LONG_AGO, LONG_AGO + HOUR, AHEAD), [3, 4]),
        ((AHEAD, AHEAD), [1, 2]),
    ],
)
def test_wrong_clocks_never_take_what_is_young(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, moments: tuple[datetime, ...], left: list[int]
) -> None:
    record_at(engine, monkeypatch, *moments)
    purged(engine, LONG_AGO + 2 * HOUR)
    assert numbers(engine) == left
    assert found(engine) == []


@pytest.mark.parametrize("before", [timedelta(), KEPT - HOUR, -timedelta(days=1)])
def test_half_a_year_is_kept_whatever_is_asked(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, before: timedelta
) -> None:
    record_at(engine, monkeypatch, LONG_AGO)
    with pytest.raises(TooYoung, match="183"):
        purged(engine, datetime.now(UTC) - before)
    assert numbers(engine) == [1]
    assert purged(engine, datetime.now(UTC) - KEPT - HOUR) == 1


def test_the_operator_purges_unless_told_otherwise(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    record_at(engine, monkeypatch, LONG_AGO)
    with session_scope(engine, write=True) as session:
        purge(session, LONG_AGO + HOUR)
        (told,) = entries_page(session, Page(1, 0))[1]
    assert told["actor"] == OPERATOR.kind


def test_a_purge_that_fails_takes_nothing(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    record_at(engine, monkeypatch, LONG_AGO, LONG_AGO)

    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("gisgrid.audit.purge.record", fail)
    with pytest.raises(ZeroDivisionError):
        purged(engine, LONG_AGO + HOUR)
    assert numbers(engine) == [1, 2]
    assert found(engine) == []
