from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gisgrid.incidents.surveys.satisfaction import (
    Answers,
    BadMonth,
    month_after,
    month_before,
    parse_month,
    satisfaction,
)

JANUARY, DECEMBER = date(2027, 1, 1), date(2026, 12, 1)


@pytest.mark.parametrize(
    ("answers", "change"),
    [
        ({}, None),
        ({JANUARY: Answers(100, 90)}, None),
        ({DECEMBER: Answers(100, 90)}, None),
        ({JANUARY: Answers(500, 431), DECEMBER: Answers(500, 405)}, 5.2),
        ({JANUARY: Answers(10, 1), DECEMBER: Answers(10, 2)}, -10),
        ({JANUARY: Answers(0, 0), DECEMBER: Answers(10, 2)}, None),
    ],
)
def test_the_change_on_the_month_before(answers: dict[date, Answers], change: float | None) -> None:
    found = satisfaction(answers, JANUARY).change_points
    assert found == (None if change is None else pytest.approx(change))


@pytest.mark.parametrize("text", ["2026-11", "2026/11", "2026年11月", "202611", "2026-11-01", " 2026.11 "])
def test_a_month_as_people_write_it(text: str) -> None:
    assert parse_month(text) == date(2026, 11, 1)


@pytest.mark.parametrize("text", ["", "2026", "2026-13", "2026-00", "2026-11-02", "11-2026", "二〇二六"])
def test_what_is_no_month(text: str) -> None:
    with pytest.raises(BadMonth):
        parse_month(text)


@given(st.dates(date(1901, 1, 1), date(2199, 1, 1)).map(lambda day: day.replace(day=1)))
def test_months_follow_one_another(month: date) -> None:
    assert month_before(month_after(month)) == month_after(month_before(month)) == month
    assert month_before(month) < month < month_after(month)
    assert parse_month(f"{month:%Y-%m}") == month
