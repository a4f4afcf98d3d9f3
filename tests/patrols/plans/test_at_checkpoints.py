"""Check-ins are judged at once, many at a time: which checkpoint each is about, and whether it counts there."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, update

from gisgrid.database import session_scope
from gisgrid.patrols.people import patroller_of
from gisgrid.patrols.plans.at_checkpoints import AtCheckpoint, Here, checkpoint_verdict, checkpoint_verdicts
from gisgrid.patrols.plans.codes import Lock, code_on
from gisgrid.patrols.tables import Checkpoint
from gisgrid.sight import NOTHING
from tests.laid import ELSEWHERE, SPOT
from tests.patrols.plans.builders import DAY, after_nine
from tests.patrols.plans.worlds import SETTINGS, a_walker, checkpoint_row, walked

METRE = 1 / 102_700
"""Degrees of longitude in a metre, here."""
LOCK = Lock("C1", "ab" * 32, 7)


def here(metres: float = 0, minutes: float = 10, **changes: Any) -> Here:
    """Return a check-in so many metres east of C1."""
    moment = after_nine(minutes)
    given = {"patroller_id": 1, "fix_at": moment, "received_at": moment, "accuracy_m": 5.0}
    return Here(**{**given, "longitude": SPOT[0] + metres * METRE, "latitude": SPOT[1], **changes})


def judge(engine: Engine, *sent: Here) -> Sequence[AtCheckpoint | None]:
    with session_scope(engine, sight=NOTHING) as session:
        return checkpoint_verdicts(session, SETTINGS, sent)


def asks(engine: Engine, **values: object) -> None:
    with session_scope(engine, write=True) as session:
        session.execute(update(Checkpoint).where(Checkpoint.code == "C1").values(**values))


def test_each_check_in_is_about_the_checkpoint_near_it(town: Engine) -> None:
    far = {"longitude": ELSEWHERE[0], "latitude": ELSEWHERE[1]}
    found = judge(town, here(), here(86.8), here(199), here(201), here(**far), here(5000), here(201, checkpoint="C1"))
    assert [each and (each.checkpoint, each.verdict.counts, round(each.verdict.distance_m)) for each in found] == [
        ("C1", True, 0), ("C1", False, 87), ("C1", False, 199), None, ("C9", True, 0), None, ("C1", False, 201),
    ]  # fmt: skip
    away = found[1]
    assert away
    assert (away.verdict.en, away.verdict.radius_m, away.proved) == ("87 m away, radius 50 m", 50.0, None)


def test_one_of_a_checkpoint_that_is_named_is_about_that_one(town: Engine) -> None:
    (found, unknown) = judge(town, here(checkpoint="C9"), here(checkpoint="C0"))
    assert found
    assert (found.checkpoint, found.verdict.counts, unknown) == ("C9", False, None)


def test_one_at_a_time_none_at_all_and_where_there_are_no_checkpoints(town: Engine) -> None:
    with session_scope(town, sight=NOTHING) as session:
        found = checkpoint_verdict(session, SETTINGS, here(accuracy_m=None))
        assert found
        assert found.verdict.counts
        assert checkpoint_verdicts(session, SETTINGS, []) == []
    asks(town, retired_at=after_nine(0))
    assert judge(town, here(), here(checkpoint="C1")) == [None, None]
    with session_scope(town, write=True) as session:
        session.execute(update(Checkpoint).values(retired_at=after_nine(0)))
    assert judge(town, here()) == [None]


def test_a_code_is_that_of_the_day_of_the_fix(town: Engine) -> None:
    asks(town, code_days=7, code_secret=LOCK.secret)
    code, row = code_on(LOCK, DAY).code, checkpoint_row(town)
    past, ahead = ({"fix_at": after_nine(0) + timedelta(days=7 * number)} for number in (-1, 1))
    sent = [here(), here(shown=code.lower()), here(shown="000000"), here(86.8, shown=code)]
    sent += [here(**week, shown=code, received_at=after_nine(0) + timedelta(days=30)) for week in (past, ahead)]
    found = judge(town, *sent)
    assert all(found)
    assert [each and (each.verdict.counts, each.proved) for each in found] == [
        (False, None), (True, row), (False, None), (False, row), (False, None), (False, None),
    ]  # fmt: skip
    assert [each and each.verdict.en for each in found[::2]] == [
        "you are there: type or scan the code of the place", "wrong or outdated code", "wrong or outdated code",
    ]  # fmt: skip


def test_how_long_somebody_has_been_there_is_known_from_what_came_before(town: Engine) -> None:
    asks(town, dwell_s=600)
    zhang, li = a_walker(town, "zhang"), a_walker(town, "li")
    with session_scope(town, write=True) as session:
        mine, other = patroller_of(session, zhang).id, patroller_of(session, li).id
    walked(town, zhang, 1, 4)
    walked(town, li, 2)
    walked(town, li, 3, at=ELSEWHERE)
    sent = [
        here(minutes=8, patroller_id=mine),
        here(minutes=11, patroller_id=mine),
        here(minutes=12.5, patroller_id=other),
    ]
    found = judge(town, *sent)
    assert [each and each.verdict.counts for each in found] == [False, True, False]
    assert [each and each.verdict.en for each in found[::2]] == [
        "you are there: stay 3 more minutes and check in again",
        "you are there: stay 10 more minutes and check in again",
    ]


def test_another_s_stay_is_not_one_s_own(town: Engine) -> None:
    asks(town, dwell_s=600)
    people = [a_walker(town, name) for name in ("zhang", "li")]
    with session_scope(town, write=True) as session:
        mine, other = (patroller_of(session, person).id for person in people)
    sent = [here(minutes=minute, patroller_id=other) for minute in (0, 5, 11)]
    found = judge(town, *sent, here(minutes=11, patroller_id=mine))
    assert [each and each.verdict.counts for each in found] == [False, False, True, False]


def test_a_batch_counts_for_itself_and_is_not_disturbed_by_its_own_rows(town: Engine) -> None:
    asks(town, dwell_s=600)
    zhang = a_walker(town, "zhang")
    with session_scope(town, write=True) as session:
        mine = patroller_of(session, zhang).id
    sent = [here(minutes=minute, patroller_id=mine) for minute in (0, 5, 10)]
    assert [each and each.verdict.counts for each in judge(town, *sent)] == [False, False, True]
    walked(town, zhang, 0, 5, 10)  # stored meanwhile
    assert [each and each.verdict.counts for each in judge(town, *sent)] == [False, False, True]


@pytest.mark.parametrize("database_url", ["spatialite"], indirect=True)
def test_a_thousand_at_once(town: Engine) -> None:
    found = judge(town, *(here(number % 90) for number in range(1000)))
    assert sum(each is not None and each.verdict.counts for each in found) > 500
