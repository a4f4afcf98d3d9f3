"""Which edition is in force on a day, on both databases."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import Engine, event

from gisgrid.database import session_scope
from gisgrid.incidents.kinds import stored
from gisgrid.incidents.kinds.edition import Edition, UnknownKind
from gisgrid.incidents.kinds.stored import SINCE_EVER, Editions, edition_now, edition_on, starter
from gisgrid.sight import NOTHING
from tests.incidents.kinds.editions import ZONE, bring, tables

TODAY = datetime.now(ZONE).date()
SOON, LATER = TODAY + timedelta(days=10), TODAY + timedelta(days=20)


def on(engine: Engine, day: date) -> Edition:
    with session_scope(engine) as session:
        return edition_on(session, day)


def names(edition: Edition) -> list[str]:
    return [kind.name_zh for kind in edition.kinds.values()]


def test_before_the_first_there_is_that_of_the_program(engine: Engine) -> None:
    for day in (date(1, 1, 1), TODAY, date(9999, 12, 31)):
        assert on(engine, day) is starter()
    assert starter().first_day == SINCE_EVER
    with session_scope(engine, sight=NOTHING) as session:
        assert edition_now(session, ZONE) is starter()


def test_each_counts_from_its_first_day_to_the_next(engine: Engine) -> None:
    bring(engine, tables("丙"), LATER)
    bring(engine, tables("甲", "乙"), SOON)
    assert on(engine, SOON - timedelta(days=1)) is starter()
    for day in (SOON, LATER - timedelta(days=1)):
        assert (names(on(engine, day)), on(engine, day).first_day) == (["甲", "乙"], SOON)
    assert names(on(engine, LATER)) == names(on(engine, date(9999, 1, 1))) == ["丙"]


def test_a_day_begins_at_local_midnight(engine: Engine) -> None:
    bring(engine, tables("甲"), SOON)
    midnight = datetime.combine(SOON, datetime.min.time(), ZONE).astimezone(UTC)
    with session_scope(engine) as session:
        editions = Editions(session)
        assert editions.at(midnight - timedelta(microseconds=1), ZONE) is starter()
        assert names(editions.at(midnight, ZONE)) == ["甲"]
        assert editions.kind_at("N0101", midnight, ZONE) == editions.on(SOON).require("N0101")
        assert editions.kind_at("E0102", midnight, ZONE) is None


def test_a_code_of_any_edition_is_known(engine: Engine) -> None:
    bring(engine, tables("甲"), SOON)
    with session_scope(engine) as session:
        assert [Editions(session).require(code) for code in ("E0102", "N0101")] == ["E0102", "N0101"]
        with pytest.raises(UnknownKind):
            Editions(session).require("N0102")


def test_one_that_is_replaced_is_read_anew_and_else_only_once(engine: Engine) -> None:
    bring(engine, tables("甲"), SOON)
    first = on(engine, SOON)
    asked: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
    assert on(engine, SOON) is first
    (about,) = (statement for statement in asked if "kind_editions" in statement)
    assert "conditions" not in about
    bring(engine, tables("乙"), SOON)
    assert names(on(engine, SOON)) == ["乙"]
    assert names(first) == ["甲"]


@pytest.mark.parametrize("database_url", ["spatialite"], indirect=True)
def test_what_is_kept_does_not_grow_without_end(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stored, "KEPT", 2)
    monkeypatch.setattr(stored, "_read", {})
    for days in range(3):
        bring(engine, tables(f"第{days}"), SOON + timedelta(days))
        assert names(on(engine, SOON + timedelta(days))) == [f"第{days}"]
    assert len(stored._read) == 1
    assert names(on(engine, SOON)) == ["第0"]
