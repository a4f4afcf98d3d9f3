import json
from datetime import UTC, datetime
from typing import Literal

import pytest
from pydantic import TypeAdapter, ValidationError
from starlette.requests import Request

from gisgrid.errors import GisgridError
from gisgrid.parameters import Page
from gisgrid.parse import DoubledKeys
from gisgrid.wire import (
    MAX_ITEMS,
    CrsName,
    Metres,
    Moment,
    Name,
    Prose,
    Sent,
    TooManyItems,
    items_of,
    next_links,
    read_item,
)

MIDNIGHT = datetime(2026, 10, 31, 16, tzinfo=UTC)


class Note(Sent):
    name: Name
    at: Moment
    length_m: Metres | None = None
    side: Literal["left", "right", "both"] = "both"


GOOD = {"name": "甲", "at": "2026-11-01T00:00:00+08:00"}


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-01T00:00:00+08:00", MIDNIGHT),
        ("2026-10-31T16:00:00Z", MIDNIGHT),
        ("2026-10-31 16:00:00.000+00:00", MIDNIGHT),
        ("20261101T000000+0800", MIDNIGHT),
        ("2026-11-01T00:00:00.123456789+08:00", MIDNIGHT.replace(microsecond=123456)),
        ("1901-01-01T00:00:00Z", datetime(1901, 1, 1, tzinfo=UTC)),
        ("8999-12-31T23:59:59Z", datetime(8999, 12, 31, 23, 59, 59, tzinfo=UTC)),
    ],
)
def test_moments_that_are_taken(text: str, moment: datetime) -> None:
    assert TypeAdapter(Moment).validate_python(text) == moment


@pytest.mark.parametrize(
    ("sent", "reason"),
    [
        ("2026-11-01T00:00:00", "has no zone"),
        ("2026-11-01", "has no zone"),
        ("yesterday", "must be a time"),
        ("2026-02-30T00:00:00Z", "must be a time"),
        ("2026-11-01T00:00:00+99:00", "must be a time"),
        ("", "must be a time"),
        (1_700_000_000, "must be a time"),
        (None, "must be a time"),
        (MIDNIGHT, "must be a time"),
        ("0001-01-01T00:00:00+14:00", "years 1901 to 8999"),
        ("9999-12-31T23:59:59-14:00", "years 1901 to 8999"),
        ("0000-01-01T00:00:00Z", "years 1901 to 8999"),
        ("12026-11-01T00:00:00Z", "years 1901 to 8999"),
        ("1901-01-01T00:00:00+14:00", "years 1901 to 8999"),
        ("1900-12-31T23:59:59Z", "years 1901 to 8999"),
        ("9000-01-01T00:00:00Z", "years 1901 to 8999"),
    ],
)
def test_moments_that_are_refused(sent: object, reason: str) -> None:
    with pytest.raises(ValidationError, match=reason):
        TypeAdapter(Moment).validate_python(sent)


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        (Name, ["a", "张三", "x" * 100, "a b", "👮"], ["", " ", "x" * 101, "a\nb", "a\x00", "\ud800", "\u2028", 1]),
        (Prose, ["", "一\n二\t三\r\n", "x" * 4000], ["x" * 4001, "a\x00", "\x1b[31m", "\udfff", 1, None]),
        (CrsName, ["EPSG:4547", "gcj02", "BD-09", "urn:ogc:def:crs:EPSG::4490", "OGC:CRS84"],
         ["", "x" * 61, "EPSG:0", "+proj=longlat +nadgrids=/etc/passwd", "EPSG:5773", "EPSG:4978", "IAU:30100", 4547]),
        (Metres, [0, 0.5, 1e8], [-1, 1e9, float("nan"), float("inf"), True, "5", 10**30]),
    ],
)  # fmt: skip
def test_field_types(kind: object, good: list[object], bad: list[object]) -> None:
    field = TypeAdapter(kind)
    for value in good:
        field.validate_python(value)
    for value in bad:
        with pytest.raises(ValidationError):
            field.validate_python(value)


def test_systems_come_out_canonical() -> None:
    named = [TypeAdapter(CrsName).validate_python(name) for name in ("GCJ-02", "wgs84", "epsg:4547")]
    assert named == ["gcj02", "EPSG:4326", "EPSG:4547"]


@pytest.mark.parametrize(
    ("item", "zh", "en"),
    [
        ({}, "name:缺少;at:缺少", "name is missing; at is missing"),
        (
            {**GOOD, "鸢尾": 1},
            "有未知字段;可用字段:name, at, length_m, side",
            "there is an unknown field; the fields are: name, at, length_m, side",
        ),
        ({**GOOD, "at": "2026-11-01"}, "at:缺少时区,如 +08:00", "at has no zone, such as +08:00"),
        (
            {**GOOD, "side": "up"},
            "side:应为 'left'、'right' 或 'both'",
            "side must be 'left', 'right' or 'both'",
        ),
        ({**GOOD, "length_m": -1}, "length_m:不能小于 0", "length_m must be at least 0"),
        ({**GOOD, "name": "x" * 101}, "name:太长,最多 100 个字符", "name is too long: at most 100 characters"),
        (DoubledKeys(GOOD), "同一字段出现了两次", "a field is given twice"),
        ([], "每一条应为 JSON 对象 {…}", "each item must be a JSON object {…}"),
        (None, "每一条应为 JSON 对象 {…}", "each item must be a JSON object {…}"),
    ],
)  # fmt: skip
def test_a_bad_item_is_refused_in_words_that_hold_nothing_of_it(item: object, zh: str, en: str) -> None:
    refused = read_item(Note, item)
    assert isinstance(refused, GisgridError)
    assert (refused.code, refused.zh, refused.en) == ("BadInput", zh, en)


def test_a_good_item_is_read() -> None:
    assert read_item(Note, {**GOOD, "length_m": 3}) == Note(name="甲", at=GOOD["at"], length_m=3.0)  # type: ignore[arg-type]


def test_items_of_a_body() -> None:
    assert items_of({"a": 1}) == [{"a": 1}]
    assert items_of([]) == []
    assert len(items_of([0] * MAX_ITEMS)) == MAX_ITEMS
    with pytest.raises(TooManyItems, match="1001"):
        items_of([0] * (MAX_ITEMS + 1))


@pytest.mark.parametrize(
    ("matched", "href"), [(10, None), (11, "/api/x?cell=%E7%94%B2+%26&limit=5&offset=10"), (0, None)]
)
def test_the_next_page_keeps_what_was_asked(matched: int, href: str | None) -> None:
    query = b"cell=%E7%94%B2+%26&limit=5&offset=5"
    request = Request({"type": "http", "path": "/api/x", "query_string": query, "headers": []})
    assert [link.href for link in next_links(request, Page(5, 5), matched)] == ([href] if href else [])


def test_the_words_can_be_sent() -> None:
    refused = read_item(Note, {"name": "\ud800", "at": "\udfff", "\ud800": 1})
    assert isinstance(refused, GisgridError)
    json.dumps(refused.description, ensure_ascii=False).encode()
