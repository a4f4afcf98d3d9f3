import time
from datetime import time as mark
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gisgrid.parse import BadBody, DoubledKeys, iso_time, lenient_json, parse_json, read_hours

NOT_JSON = [b"", b"{", b"[1,]", b"[" * 100_000, b'{"a":' * 100_000, b"{} {}", b"\x00", b"9" * 5000 + b"x"]


@pytest.mark.parametrize("body", [*NOT_JSON, b"\xff", '{"a":"甲"}'.encode("utf-16")])
def test_what_is_not_json_is_told_so(body: bytes) -> None:
    with pytest.raises(BadBody):
        parse_json(body)


@pytest.mark.parametrize("body", NOT_JSON)
def test_what_no_phone_means_is_told_so(body: bytes) -> None:
    with pytest.raises(BadBody):
        lenient_json(body)


def test_json_that_other_parsers_choke_on_is_read() -> None:
    read = parse_json(b"\xef\xbb\xbf[NaN, Infinity, 1e400, 12345678901234567890, " + b"9" * 5000 + b', "\\ud800", 7]')
    assert [type(value) for value in read] == [float, float, float, float, float, str, int]


def test_a_key_named_twice_is_noted_at_every_depth() -> None:
    read = parse_json(b'[{"a":1,"a":2},{"b":{"a":1,"a":1}},{"a":1}]')
    assert [isinstance(value, DoubledKeys) for value in (read[0], read[1]["b"], read[2])] == [True, True, False]


@pytest.mark.parametrize(
    ("body", "read"),
    [
        (b'\xef\xbb\xbf{"a":1}', {"a": 1}),
        (b'{"wifi":"\xcd\xf8","a":1}', {"wifi": "\ufffd\ufffd", "a": 1}),  # GBK, and the rest is UTF-8
        (b'{"a":"\xed\xa0\x80"}', {"a": "\ufffd" * 3}),
        (b'{"a":"one\ntwo\x00"}', {"a": "one\ntwo\x00"}),
        (b'{"a":1,"a":2}', {"a": 2}),
        (b"[1e400," + b"9" * 5000 + b",18446744073709551616]", [float("inf"), float("inf"), 2**64]),
    ],
)
def test_what_a_phone_sends_is_read_though_a_letter_is_bad(body: bytes, read: Any) -> None:
    assert lenient_json(body) == read


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_told(body: bytes) -> None:
    for parse in (parse_json, lenient_json):
        try:
            parse(body)
        except BadBody:
            continue


def test_digits_without_end_cost_little() -> None:
    begun = time.process_time()
    lenient_json(b"[" + b"9" * 1_000_000 + b",0." + b"9" * 1_000_000 + b"]")
    assert time.process_time() - begun < 1


@pytest.mark.parametrize(
    ("written", "iso"),
    [
        ("2026/11/1 8:05", "2026-11-01T08:05:00"),
        ("2026年11月1日 8时5分", "2026-11-01T08:05:00"),
        ("2026.11.01 08:05:09", "2026-11-01T08:05:09"),
        ("2026-11-01T00:00:00Z", "2026-11-01T00:00:00Z"),
        ("", ""),
        ("gestern", "gestern"),
    ],
)
def test_times_as_offices_write_them(written: str, iso: str) -> None:
    assert iso_time(written) == iso


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("08:00-12:00,14:00-18:00", ((mark(8), mark(12)), (mark(14), mark(18)))),
        ("8:30–12:00、12:00~24:00", ((mark(8, 30), mark(12)), (mark(12), mark(0)))),
        ("00\uff1a00-24\uff1a00", ((mark(0), mark(0)),)),
    ],
)
def test_hours_as_people_write_them(text: str, hours: object) -> None:
    assert read_hours(text) == hours


@pytest.mark.parametrize(
    "text", ["", "8-12", "08:00-12:00,", "12:00-08:00", "08:00-08:00", "08:00-12:00,11:59-18:00", "08:60-12:00"]
)
def test_what_are_no_hours_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - which of them does not matter
        read_hours(text)
