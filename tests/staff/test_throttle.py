"""Wrong credentials: how many are looked at, and how long no more are."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine, func, select

from gisgrid.database import session_scope
from gisgrid.errors import status_of
from gisgrid.staff.tables import Attempt
from gisgrid.staff.throttle import (
    FEW,
    MANY,
    WINDOW,
    Limit,
    TooManyFailures,
    charge,
    forget,
    note_failure,
    require_calm,
    take_back,
)
from tests.staff.builders import at_once, everything_kept, names, pass_time


def fail(engine: Engine, key: str, times: int) -> None:
    with session_scope(engine, write=True) as session:
        for _ in range(times):
            note_failure(session, key)


def counted(engine: Engine) -> int:
    with session_scope(engine) as session:
        return session.scalar(select(func.count()).select_from(Attempt)) or 0


def wait_s(engine: Engine, key: str, limit: int = FEW) -> int:
    """Return how long no more are looked at under a key; 0 for not at all."""
    with session_scope(engine) as session:
        try:
            require_calm(session, key, limit)
        except TooManyFailures as error:
            return error.retry_after_s
    return 0


def test_so_many_may_be_wrong_and_no_more(engine: Engine) -> None:
    fail(engine, "name zhangsan", FEW - 1)
    assert wait_s(engine, "name zhangsan") == 0
    fail(engine, "name zhangsan", 1)
    assert 14 * 60 < wait_s(engine, "name zhangsan") <= 15 * 60
    assert wait_s(engine, "name lisi") == wait_s(engine, "name zhangsan", MANY) == 0


def test_whoever_has_to_wait_is_told_how_long_and_what_else_to_do(engine: Engine) -> None:
    fail(engine, "key", FEW)
    pass_time(engine, timedelta(minutes=9, seconds=30))
    with session_scope(engine) as session, pytest.raises(TooManyFailures) as refused:
        require_calm(session, "key", FEW)
    assert status_of(refused.value) == 429
    assert 5 * 60 < refused.value.retry_after_s <= 5.5 * 60
    assert "6 分钟后再试" in refused.value.zh
    assert "one-time sign-in link" in refused.value.en


def test_the_window_moves_on(engine: Engine) -> None:
    fail(engine, "key", 2)
    pass_time(engine, timedelta(minutes=10))
    fail(engine, "key", FEW - 2)
    assert 4 * 60 < wait_s(engine, "key") <= 5 * 60  # until the first of the last five is old
    pass_time(engine, timedelta(minutes=5))
    assert wait_s(engine, "key") == 0
    fail(engine, "key", 2)
    assert 9 * 60 < wait_s(engine, "key") <= 10 * 60


def test_what_is_old_is_forgotten(engine: Engine) -> None:
    fail(engine, "key", 3)
    pass_time(engine, WINDOW)
    fail(engine, "another", 1)
    assert counted(engine) == 1


def test_a_key_is_wiped_clean_alone(engine: Engine) -> None:
    for key in ("one", "other"):
        fail(engine, key, FEW)
    with session_scope(engine, write=True) as session:
        forget(session, "one")
    assert [wait_s(engine, key) > 0 for key in ("one", "other")] == [False, True]


def test_a_success_wipes_what_is_one_s_own_and_takes_back_from_what_is_shared(engine: Engine) -> None:
    limits = [Limit("own"), Limit("shared", MANY, is_shared=True)]
    for key in ("own", "shared"):
        fail(engine, key, 3)
    with session_scope(engine, write=True) as session:
        charged = charge(session, limits)
    assert counted(engine) == 8
    with session_scope(engine, write=True) as session:
        take_back(session, charged)
    assert (wait_s(engine, "own", 1), wait_s(engine, "shared", 4), wait_s(engine, "shared", 3) > 0) == (0, 0, True)


def test_a_trial_that_is_not_looked_at_is_not_counted(engine: Engine) -> None:
    fail(engine, "shared", MANY)
    with session_scope(engine, write=True) as session, pytest.raises(TooManyFailures):
        charge(session, [Limit("own"), Limit("shared", MANY, is_shared=True)])
    assert counted(engine) == MANY


def test_of_many_at_the_same_moment_only_so_many_are_looked_at(engine: Engine) -> None:
    def attempt(_: int) -> None:
        with session_scope(engine, write=True) as session:
            charge(session, [Limit("own"), Limit("shared", MANY, is_shared=True)])

    answers = at_once(attempt, 12)
    assert names(answers) == ["TooManyFailures"] * (12 - FEW)
    assert counted(engine) == 2 * FEW


@pytest.mark.parametrize("key", ["name canary", "name \ud800\x00", ""])
def test_no_key_is_kept_as_it_is(engine: Engine, key: str) -> None:
    fail(engine, key, 1)
    assert counted(engine) == 1
    assert "canary" not in everything_kept(engine)
