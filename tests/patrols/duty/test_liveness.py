"""Who is alive, and who has been silent too long."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gisgrid.patrols.duty.liveness import Life, Signs, life, minutes_since

NOON = datetime(2026, 11, 2, 4, tzinfo=UTC)


def ago(minutes: float | None) -> datetime | None:
    return None if minutes is None else NOON - timedelta(minutes=minutes)


@pytest.mark.parametrize(
    ("fix", "beat", "used", "since", "alive", "is_silent"),
    [
        (None, None, None, None, None, True),
        (None, None, None, 3, None, False),
        (None, None, None, 16, None, True),
        (40, None, None, 60, 40, True),
        (40, 5, None, 60, 5, False),
        (40, None, 14, 60, 14, False),
        (40, 30, 20, 60, 20, True),
        (15, None, None, 60, 15, False),
        (15.1, None, None, 60, 15.1, True),
        (-3, None, None, 60, 0, False),  # a clock that is ahead within the limit proves no more than now
        (600, None, None, 3, 600, False),  # nobody is silent before the shift began
    ],
)
def test_the_last_sign_counts(
    fix: float | None, beat: float | None, used: float | None, since: float | None, alive: float | None, is_silent: bool
) -> None:
    assert life(Signs(ago(fix), ago(beat), ago(used)), ago(since), NOON, 15) == Life(ago(alive), is_silent)


SIGN = st.none() | st.integers(0, 100)


@given(SIGN, SIGN, SIGN, SIGN, st.integers(0, 100))
def test_a_sign_more_never_makes_anybody_silent(
    fix: int | None, beat: int | None, used: int | None, since: int | None, more: int
) -> None:
    before = life(Signs(ago(fix), ago(beat), None), ago(since), NOON, 15)
    after = life(Signs(ago(fix), ago(beat), ago(more if used is None else used)), ago(since), NOON, 15)
    assert before.is_silent or not after.is_silent
    assert after.alive_at is not None
    assert before.alive_at is None or after.alive_at >= before.alive_at


def test_minutes_are_whole_and_never_negative() -> None:
    assert [minutes_since(ago(each), NOON) for each in (None, -5, 0, 0.9, 1, 61.5)] == [None, 0, 0, 0, 1, 61]
