from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from gisgrid.audit.chain import FIELDS, START
from gisgrid.audit.faults import Anchor, End, faults
from gisgrid.audit.heads import Head
from gisgrid.audit.purge import PURGED, told
from gisgrid.audit.record import detail_text
from tests.audit.builders import DAY, chain, rehashed

Entries = list[dict[str, Any]]
WHOLE = chain(6)
END = End(6, WHOLE[-1]["hash"])
HASH = "f" * 64


def told_of(
    entries: Sequence[dict[str, Any]], anchors: Sequence[Anchor] = (), end: End | None = END, heads: Sequence[Head] = ()
) -> list[tuple[int, str]]:
    return [(fault.number, fault.kind) for fault in faults(entries, anchors, end, heads)]


def exported(number: int, ending: str | None = None) -> Head:
    return Head(DAY, number, ending or (WHOLE[number - 1]["hash"] if number else START))


def test_a_whole_chain_has_none() -> None:
    assert told_of(WHOLE, heads=[exported(number) for number in range(7)]) == []
    assert told_of([], end=None, heads=[exported(0)]) == []
    assert told_of([], end=End(0, START)) == []


def with_field(name: str, value: Any) -> Callable[[], Entries]:
    return lambda: [{**entry, name: value} if entry["number"] == 3 else entry for entry in WHOLE]


@pytest.mark.parametrize(
    ("spoilt", "expected"),
    [
        *((with_field(name, "x"), [(3, "changed")]) for name in FIELDS if name not in ("number", "previous_hash")),
        (with_field("subject_id", None), [(3, "changed")]),
        (with_field("detail", b"x"), [(3, "changed")]),
        (with_field("actor_id", float("inf")), [(3, "changed")]),
        (with_field("previous_hash", HASH), [(3, "unlinked"), (3, "changed")]),
        (with_field("hash", HASH), [(3, "changed"), (4, "unlinked")]),
        (lambda: [*WHOLE[:2], *rehashed([WHOLE[2]], HASH), *WHOLE[3:]], [(3, "unlinked"), (4, "unlinked")]),
        (lambda: [*WHOLE[:2], *WHOLE[3:]], [(3, "missing")]),
        (lambda: [*WHOLE[:2], *WHOLE[4:]], [(3, "missing")]),
        (lambda: WHOLE[1:], [(1, "missing")]),
        (lambda: WHOLE[:4], [(5, "cut_off")]),
        (lambda: [], [(1, "cut_off")]),
        (lambda: rehashed([*WHOLE, {**WHOLE[0], "number": 7}]), [(7, "added")]),
        (lambda: rehashed([*WHOLE[:5], {**WHOLE[5], "actor_id": 9}]), [(6, "end")]),
        (lambda: [{**WHOLE[0], "number": 0}, *WHOLE], [(0, "slipped_in")]),
        (
            lambda: [WHOLE[0], {**WHOLE[2], "number": 2}, {**WHOLE[1], "number": 3}, *WHOLE[3:]],
            [(2, "unlinked"), (2, "changed"), (3, "unlinked"), (3, "changed"), (4, "unlinked")],
        ),
    ],
)
def test_what_is_wrong_is_told_with_its_entry(spoilt: Callable[[], Entries], expected: list[tuple[int, str]]) -> None:
    assert told_of(spoilt()) == expected


@pytest.mark.parametrize(
    ("end", "expected"),
    [
        (None, [(6, "end")]),
        (End(6, HASH), [(6, "end")]),
        (End(5, WHOLE[4]["hash"]), [(6, "added")]),
        (End(9, HASH), [(7, "cut_off")]),
    ],
)
def test_an_end_that_was_changed_is_told(end: End | None, expected: list[tuple[int, str]]) -> None:
    assert told_of(WHOLE, end=end) == expected


@pytest.mark.parametrize(
    ("entries", "heads", "expected"),
    [
        (WHOLE[:4], [exported(3), exported(6)], [(6, "cut_off")]),
        (WHOLE[:4], [exported(5), exported(6)], [(5, "cut_off"), (6, "cut_off")]),
        ([], [exported(6)], [(6, "cut_off")]),
        (rehashed([{**WHOLE[0], "actor_id": 9}, *WHOLE[1:]]), [exported(6)], [(6, "rewritten")]),
        (WHOLE, [exported(0, HASH)], [(0, "rewritten")]),
    ],
)
def test_a_forger_who_mends_chain_and_end_is_told_by_the_exported_heads(
    entries: Entries, heads: list[Head], expected: list[tuple[int, str]]
) -> None:
    end = End(entries[-1]["number"], entries[-1]["hash"]) if entries else None
    assert told_of(entries, end=end) == []
    assert told_of(entries, end=end, heads=heads) == expected


# --- after a purge -------------------------------------------------------------------------------

PURGE = {**WHOLE[0], "number": 7, "action": PURGED, "detail": detail_text(told(3, WHOLE[2]["hash"], 3))}
ANCHOR = Anchor(3, WHOLE[2]["hash"], 3)
LEFT = rehashed([*WHOLE[3:], PURGE], ANCHOR.hash)
LEFT_END = End(7, LEFT[-1]["hash"])


def test_a_purged_chain_is_whole_from_its_anchor_on() -> None:
    older = Anchor(0, START, 0)
    heads = [exported(number) for number in (0, 1, 2, 3, 5)]
    assert told_of(LEFT, [older, ANCHOR], LEFT_END, heads) == []


@pytest.mark.parametrize(
    ("entries", "anchors", "expected"),
    [
        (LEFT, [], [(1, "missing")]),
        (LEFT, [ANCHOR._replace(hash=HASH)], [(4, "unlinked"), (3, "untold")]),
        (LEFT, [ANCHOR._replace(entries=2)], [(3, "untold"), (3, "lost")]),
        (LEFT, [Anchor(2, WHOLE[1]["hash"], 2), ANCHOR], [(3, "lost")]),
        (LEFT, [Anchor(2, WHOLE[1]["hash"], 2)], [(3, "missing"), (2, "untold")]),
        (LEFT[2:], [ANCHOR, Anchor(5, LEFT[1]["hash"], 2)], [(5, "untold")]),  # an anchor without a purge
        ([WHOLE[1], *LEFT], [ANCHOR], [(2, "slipped_in")]),
        (LEFT[1:], [ANCHOR], [(4, "missing")]),
        ([], [ANCHOR], [(3, "untold"), (4, "cut_off")]),
    ],
)
def test_what_is_wrong_with_a_purged_chain(
    entries: Entries, anchors: list[Anchor], expected: list[tuple[int, str]]
) -> None:
    assert told_of(entries, anchors, LEFT_END) == expected


def test_a_head_that_was_exported_for_the_anchor_still_counts() -> None:
    assert told_of(LEFT, [ANCHOR], LEFT_END, [exported(3, HASH)]) == [(3, "rewritten")]


# --- whatever is done ----------------------------------------------------------------------------

VALUES = st.none() | st.integers(0, 3) | st.sampled_from(["", "person", "track.read", HASH, START])


@st.composite
def edits(draw: st.DrawFn) -> Entries:
    """Return the chain after some of what an attacker may do to its rows."""
    entries = [dict(entry) for entry in WHOLE]
    for _ in range(draw(st.integers(1, 3))):
        if not entries:
            break
        first, second = draw(st.tuples(*[st.integers(0, len(entries) - 1)] * 2))
        match draw(st.sampled_from(["edit", "delete", "cut", "swap", "copy"])):
            case "edit":
                entries[first][draw(st.sampled_from([*FIELDS[1:], "hash"]))] = draw(VALUES)
            case "delete":
                del entries[first]
            case "cut":
                del entries[first:]
            case "swap":
                numbers = entries[first]["number"], entries[second]["number"]
                entries[second]["number"], entries[first]["number"] = numbers
            case "copy":
                entries[second] = {**entries[first], "number": entries[second]["number"]}
    return sorted(entries, key=lambda entry: entry["number"])


@given(edits())
def test_no_edit_of_the_rows_goes_unseen(spoilt: Entries) -> None:
    assume(spoilt != WHOLE)
    assert told_of(spoilt) != []


@given(edits(), st.booleans())
def test_nor_does_one_that_is_chained_anew_when_the_head_was_exported(spoilt: Entries, is_renumbered: bool) -> None:
    if is_renumbered:
        spoilt = [{**entry, "number": number} for number, entry in enumerate(spoilt, start=1)]
    forged = rehashed(spoilt)
    assume(forged != WHOLE)
    end = End(forged[-1]["number"], forged[-1]["hash"]) if forged else None
    assert told_of(forged, end=end, heads=[exported(6)]) != []


def test_every_fault_is_told_in_both_languages() -> None:
    for spoilt in (WHOLE[1:], WHOLE[:4], [*WHOLE[:2], *WHOLE[4:]], LEFT):
        for fault in faults(spoilt, [], End(9, HASH), [exported(6, HASH)]):
            assert fault.zh
            assert not fault.zh.isascii()
            assert fault.en.isascii()
