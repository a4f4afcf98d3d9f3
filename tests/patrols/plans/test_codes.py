from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gisgrid.patrols.plans.codes import LETTERS, Lock, code_on, new_secret, opens

SECRET = "ab" * 32
LOCK = Lock("C1", SECRET, 7)
FIRST = date(2026, 11, 22)
"""The first day of a period of seven."""


def test_a_code_stands_for_its_days_and_follows_from_the_secret() -> None:
    shown = code_on(LOCK, FIRST)
    assert (shown.first_day, shown.last_day) == (FIRST, FIRST + timedelta(days=6))
    assert {code_on(LOCK, FIRST + timedelta(days=number)) for number in range(7)} == {shown}
    assert shown.code == "8PC2FD", "codes that are put up stay good when the program is replaced"
    assert set(shown.code) <= set(LETTERS)


@pytest.mark.parametrize("days", [-1, 7])
def test_the_periods_beside_have_other_codes(days: int) -> None:
    assert code_on(LOCK, FIRST + timedelta(days=days)).code != code_on(LOCK, FIRST).code


@pytest.mark.parametrize("other", [Lock("C2", SECRET, 7), Lock("C1", "cd" * 32, 7)])
def test_other_places_and_secrets_have_other_codes(other: Lock) -> None:
    assert code_on(other, FIRST).code != code_on(LOCK, FIRST).code


@pytest.mark.parametrize(("days", "is_good"), [(-1, False), (0, True), (6, True), (7, True), (8, False)])
def test_a_code_is_good_for_a_day_longer(days: int, is_good: bool) -> None:
    assert opens(LOCK, code_on(LOCK, FIRST).code, FIRST + timedelta(days=days)) == is_good


def test_with_a_new_code_each_day_yesterday_s_is_still_good() -> None:
    daily = LOCK._replace(days=1)
    code = code_on(daily, FIRST).code
    assert [opens(daily, code, FIRST + timedelta(days=days)) for days in (-1, 0, 1, 2)] == [False, True, True, False]


@pytest.mark.parametrize("typed", ["8pc2fd", " 8PC-2FD ", "8PC 2FD", "８ＰＣ２ＦＤ"])
def test_how_it_is_typed_does_not_matter(typed: str) -> None:
    assert opens(LOCK, typed, FIRST)


def test_what_is_easily_taken_for_another_letter_is_taken_for_it() -> None:
    day = next(day for n in range(999) if {"0", "1"} <= set(code_on(LOCK, day := FIRST + timedelta(days=7 * n)).code))
    code = code_on(LOCK, day).code
    assert opens(LOCK, code.replace("0", "O").replace("1", "l"), day)


@given(typed=st.text())
def test_nothing_else_opens(typed: str) -> None:
    if typed.strip().upper() != "8PC2FD":
        assert not opens(LOCK, typed + "X", FIRST)
        assert not opens(LOCK, typed[:5], FIRST)


@pytest.mark.parametrize("typed", ["", "\ud800", "\x00" * 6, "码" * 6])
def test_nonsense_opens_nothing(typed: str) -> None:
    assert not opens(LOCK, typed, FIRST)


def test_secrets_differ() -> None:
    assert len({new_secret() for _ in range(20)}) == 20
    assert len(bytes.fromhex(new_secret())) == 32
