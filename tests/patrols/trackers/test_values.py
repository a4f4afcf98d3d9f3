"""Numbers, times and words of phones."""

import json
from datetime import UTC, datetime, timedelta
from math import inf, isnan
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gisgrid.patrols.trackers.values import (
    LONGEST_KEY,
    LONGEST_TEXT,
    MOST_FIELDS,
    OURS,
    attributes,
    flag,
    fraction,
    kmh,
    knots,
    moment,
    name,
    number,
    percent,
    plain,
    radius,
    unless_negative,
    words,
)
from tests.patrols.trackers.phones import SHENZHEN, TOKEN, utc

SPEEDS = st.floats(min_value=0, max_value=1000)
WHOLE = st.integers(min_value=0, max_value=100)


@given(SPEEDS)
def test_units_of_speed(speed: float) -> None:
    for read, to_mps in ((unless_negative, 1), (knots, 1852 / 3600), (kmh, 1000 / 3600)):
        assert read(speed) == read(str(speed)) == pytest.approx(speed * to_mps)


@given(WHOLE)
def test_units_of_charge(charge: int) -> None:
    assert percent(charge) == percent(str(charge)) == fraction(charge / 100) == charge / 100


@given(st.floats(max_value=0, exclude_max=True) | st.integers(max_value=-1))
def test_a_negative_number_is_one_that_is_not_known(value: float) -> None:
    assert [read(value) for read in (unless_negative, knots, kmh, fraction, percent)] == [None] * 5


@pytest.mark.parametrize("value", ["", "x", "1_0", "0x10", True, None, [], {}, "1,5", "\ud800"])
def test_what_is_no_number(value: Any) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - it says nothing more
        number(value)


@pytest.mark.parametrize(
    ("value", "made"), [("1e400", inf), (10**400, inf), (-(10**400), -inf), (" 1.5 ", 1.5), (7, 7.0), ("-1e-400", 0.0)]
)
def test_what_is_a_number(value: Any, made: float) -> None:
    assert number(value) == made
    assert isnan(number("nan"))


@pytest.mark.parametrize("value", ["nan", inf, "-inf", 10**400])
def test_what_must_be_finite_is(value: Any) -> None:
    for read in (radius, fraction, percent):
        try:
            assert read(value) is None
        except ValueError:
            continue


@pytest.mark.parametrize(("value", "made"), [(5, 5.0), ("0.0", None), (0, None)])
def test_an_accuracy_of_nothing_is_none(value: Any, made: float | None) -> None:
    assert radius(value) == made


@pytest.mark.parametrize(
    ("value", "made"),
    [(True, True), ("true", True), ("TRUE", True), ("1", True), (1, True), (0, False), ("false", False)],
)
def test_yes_and_no(value: Any, made: bool) -> None:
    assert flag(value) is made


@pytest.mark.parametrize("value", ["yes", "", 2, 1.0, None, [], {}])
def test_neither_yes_nor_no(value: Any) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        flag(value)


EIGHT = utc(2026, 11, 1)


@pytest.mark.parametrize(
    ("value", "at"),
    [
        (1793491200, EIGHT),
        ("1793491200", EIGHT),
        (1793491200.5, EIGHT + timedelta(seconds=0.5)),
        ("1793491200.5", EIGHT + timedelta(seconds=0.5)),
        (1793491200862, EIGHT + timedelta(milliseconds=862)),
        (2**31 - 2, utc(2038, 1, 19, 3, 14, 6)),
        (2**31 - 1, utc(1970, 1, 25, 20, 31, 23, 647000)),
        (-1, utc(1969, 12, 31, 23, 59, 59)),
        ("2026-11-01T08:00:00+08:00", EIGHT),
        ("2026-11-01T08:00:00 08:00", EIGHT),
        ("2026-11-01T08:00:00+0800", EIGHT),
        ("2026-11-01T00:00:00Z", EIGHT),
        ("2026-11-01T00:00:00.862Z", EIGHT + timedelta(milliseconds=862)),
        ("2026-11-01 08:00:00", EIGHT),
        (" 2026-11-01T08:00:00 ", EIGHT),
        ("2026/11/1 8:00", EIGHT),
        ("2026年11月1日 8时0分", EIGHT),
        ("20261101T000000Z", EIGHT),
        *((value, None) for value in ("", "soon", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59-14:00", "2026-02-30")),
        *(
            (value, None)
            for value in (None, True, [], {}, inf, float("nan"), "nan", "1e400", 10**400, 10**20, "\ud800")
        ),
    ],
)
def test_times(value: Any, at: datetime | None) -> None:
    assert moment(value, SHENZHEN) == at


@given(st.integers(0, 2**31 - 2))
def test_a_time_is_the_same_however_it_is_written(seconds: int) -> None:
    whole = datetime.fromtimestamp(seconds, UTC)
    local = whole.astimezone(SHENZHEN)
    for written in (seconds, str(seconds), whole.isoformat(), local.isoformat(), f"{local:%Y-%m-%d %H:%M:%S}"):
        assert moment(written, SHENZHEN) == whole
    if seconds > 2**31 / 1000:
        assert moment(seconds * 1000) == whole


@pytest.mark.parametrize(
    ("value", "made"),
    [
        *((text, text) for text in ("a", "张三", "x" * 100, "a b", "👮", "张\u3000三")),
        *((17, "17"), (" a ", "a")),
        *(
            (bad, None)
            for bad in ("", " ", "x" * 101, "a\nb", "a\x00", "\ud800", "\u2028", None, True, 1.5, [], 10**30)
        ),
    ],
)
def test_names(value: Any, made: str | None) -> None:
    assert name(value) == made


@pytest.mark.parametrize(
    ("value", "made"),
    [
        *((same, same) for same in (True, False, 0, 1.5, 2**63 - 1, "a", "two\nlines")),
        *((None, None), ("", None), ([], None), ({}, None), ([{}], None), ([["a"]], None)),
        (["a", "b"], "a, b"),
        (inf, "inf"),
        (2**63, str(2**63)),
        (10**400, "1" + "0" * (LONGEST_TEXT - 1)),
        ("x" * 300, "x" * LONGEST_TEXT),
        ("a\x00b\ud800", "a\ufffdb\ufffd"),
        (f"Bearer {TOKEN}", "Bearer gg_…"),
    ],
)
def test_what_is_kept_of_what_nobody_knows(value: Any, made: Any) -> None:
    assert plain(value) == made
    assert type(plain(value)) is type(made)


@pytest.mark.parametrize("value", [5, None, {}, ["a", 1]])
def test_what_is_no_text(value: Any) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        words(value)


FIELDS = {"spd": ("speed_mps", unless_negative), "acc": ("accuracy_m", radius), "told": None}


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        ({"spd": 5, "acc": 3, "told": 1, "other": "a"}, {"speed_mps": 5.0, "accuracy_m": 3.0, "other": "a"}),
        ({"spd": -1, "acc": 0, "other": None}, {}),
        ({"spd": "x", "acc": []}, {"spd": "x"}),
        (
            {"speed_mps": 5, "battery": 80, "accuracy_m": 1},
            {"sent_speed_mps": 5, "sent_battery": 80, "sent_accuracy_m": 1},
        ),
        ({"k" * 100: 1, "a\x00\ud800": 2}, {"k" * LONGEST_KEY: 1, "a\ufffd\ufffd": 2}),
    ],
)
def test_fields_are_kept_under_our_names_or_their_own(told: dict[str, Any], kept: dict[str, Any]) -> None:
    assert attributes(told.items(), FIELDS) == kept


def test_no_more_fields_are_kept_than_any_app_sends() -> None:
    assert len(attributes([(f"k{number}", number) for number in range(1000)], FIELDS)) == MOST_FIELDS


def test_a_time_that_cannot_be_read_is_kept_too() -> None:
    assert attributes([], FIELDS, unread_time=("tst", "soon")) == {"tst": "soon"}
    assert attributes([], FIELDS, unread_time=("tst", None)) == {}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(st.characters()), inner, max_size=4),
    max_leaves=6,
)


@given(st.dictionaries(st.text(st.characters()) | st.sampled_from(["spd", "acc", *OURS]), JSON, max_size=80))
def test_whatever_is_said_is_kept_as_json_of_bounded_size(told: dict[str, Any]) -> None:
    kept = attributes(told.items(), FIELDS)
    assert len(kept) <= MOST_FIELDS
    written = json.dumps(kept, ensure_ascii=False, allow_nan=False).encode()
    assert b"\\u0000" not in written
    assert all(len(field) <= LONGEST_KEY + 5 for field in kept)
    assert all(len(value) <= LONGEST_TEXT for value in kept.values() if isinstance(value, str))
    assert all(isinstance(kept[field], float) for field in ("speed_mps", "accuracy_m") if field in kept)
    assert not {*kept} & {*OURS} - {"speed_mps"}
