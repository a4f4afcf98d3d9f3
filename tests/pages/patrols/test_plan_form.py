from datetime import date
from typing import Any

import pytest

from gisgrid.errors import Refused
from gisgrid.pages.patrols.plan_form import EMPTY, BadNumber, BadTimes, NothingChosen, sent

TODAY = date(2026, 11, 26)


def typed(**changes: Any) -> dict[str, Any]:
    return EMPTY | {"name": "x", "place": ["checkpoint:C:1"], "at": "09:00", **changes}


def test_what_is_typed_becomes_a_body() -> None:
    assert sent(typed(), TODAY) == {
        "name": "x",
        "is_operation": False,
        "places": [{"kind": "checkpoint", "code": "C:1"}],
        "people": None,
        "first_day": "2026-11-26",
        "last_day": None,
        "weekdays": [1, 2, 3, 4, 5, 6, 7],
        "every_days": 1,
        "duration_min": 60,
        "grace_min": 15,
        "at": ["09:00"],
    }


@pytest.mark.parametrize(
    ("text", "clocks"),
    [("9:00", ["09:00"]), ("09：00，15:30", ["09:00", "15:30"]), (" 9:05;10:00 、11:00 ", ["09:05", "10:00", "11:00"])],
)
def test_times_are_read_as_people_write_them(text: str, clocks: list[str]) -> None:
    assert sent(typed(at=text), TODAY)["at"] == clocks


@pytest.mark.parametrize("text", ["8:00-12:00 20:00-2:00", "8:00–12:00，20:00—2:00", "8：00至12：00;20:00~2:00"])
def test_windows_too(text: str) -> None:
    body = sent(typed(times="random", windows=text, times_a_day="3"), TODAY)
    assert [list(window.values()) for window in body["windows"]] == [["08:00", "12:00"], ["20:00", "02:00"]]
    assert (body["times_a_day"], "at" in body) == (3, False)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"name": ""}, NothingChosen),
        ({"at": "09:00 soon"}, BadTimes),
        ({"at": "24:00"}, BadTimes),
        ({"times": "random", "windows": "08:00-12:00 x"}, BadTimes),
        ({"times": "random", "windows": "08:00-12:60"}, BadTimes),
        ({"grace_min": "٣"}, BadNumber),
        ({"weekday": ["x"]}, BadNumber),
    ],
)
def test_what_cannot_be_read_is_told(changes: dict[str, Any], error: type[Refused]) -> None:
    with pytest.raises(error):
        sent(typed(**changes), TODAY)
