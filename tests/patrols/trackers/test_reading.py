"""Deliveries: sorted, bounded, harmless."""

from gisgrid.patrols.trackers.reading import (
    LONGEST_BODY,
    MOST_ITEMS,
    MOST_UNREAD,
    NOT_JSON,
    Unread,
    delivered,
    each_object,
    unread,
)
from tests.patrols.trackers.phones import TOKEN, alive, fix, utc

NOON, ONE = utc(2026, 11, 1, 4), utc(2026, 11, 1, 5)
ODD = Unread("怪", "odd", "")


def test_each_kind_keeps_the_order_of_the_body() -> None:
    readings = [fix(NOON, 1, 2), fix(ONE, 1, 2)]
    delivery = delivered([readings[1], ODD, alive(ONE), readings[0], alive(NOON)], "P001")
    assert delivery == ([readings[1], readings[0]], [alive(ONE), alive(NOON)], [ODD], "P001")


def test_heartbeats_of_a_moment_are_one_unless_one_is_an_alarm() -> None:
    beats = [alive(NOON, battery=0.5), alive(NOON, battery=0.6), alive(NOON, alarm="sos"), alive(None), alive(None)]
    assert delivered(beats).heartbeats == [beats[0], beats[2], beats[3]]


def test_what_is_unread_is_counted_where_it_is_too_much() -> None:
    found = delivered([ODD] * (MOST_UNREAD + 7)).unread
    assert (len(found), found[-1].en) == (MOST_UNREAD + 1, "7 more items that cannot be read")
    assert len(delivered([ODD] * MOST_UNREAD).unread) == MOST_UNREAD


def test_a_batch_without_end_is_read_up_to_a_bound_and_says_so() -> None:
    found = list(each_object([{}] * (MOST_ITEMS + 5), lambda _: ODD))
    assert len(found) == MOST_ITEMS + 1
    assert found[-1].en.startswith("a request is read up to item 50000")  # type: ignore[union-attr]
    assert len(list(each_object([{}] * MOST_ITEMS, lambda _: ODD))) == MOST_ITEMS


def test_what_is_kept_of_a_body_is_short_and_harmless() -> None:
    for what in ("x" * 10_000, b"x" * 10_000, ["x" * 10_000], {"x": "x" * 10_000}):
        assert len(unread(NOT_JSON, what).body) == LONGEST_BODY
    assert unread(NOT_JSON, b"a\x00\xff\xed\xa0\x80").body == "a\ufffd\\xff\\xed\\xa0\\x80"
    assert unread(NOT_JSON, ["\ud800\x00", float("nan")]).body == '["\ufffd\\u0000", NaN]'
    assert unread(NOT_JSON, "x" * (LONGEST_BODY - 10) + TOKEN).body == "x" * (LONGEST_BODY - 10) + "gg_…"


def test_what_is_nested_too_deep_to_be_written_again_is_not() -> None:
    nested: list[object] = []
    for _ in range(10_000):
        nested = [nested]
    assert unread(NOT_JSON, nested).body == "…"
