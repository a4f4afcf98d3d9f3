"""What can be wrong with a chain: an entry changed, missing, cut off or slipped in. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from gisgrid.audit.chain import START, hash_of
from gisgrid.audit.heads import Head
from gisgrid.audit.purge import PURGED, told
from gisgrid.audit.record import detail_text

Entry = Mapping[Any, Any]


class Fault(NamedTuple):
    """What is wrong, and at which entry."""

    number: int
    kind: str
    zh: str
    en: str


class End(NamedTuple):
    """An entry that is known by number and hash alone."""

    number: int
    hash: str


class Anchor(NamedTuple):
    """What a purge left."""

    number: int
    hash: str
    entries: int


def faults(
    entries: Iterable[Entry], anchors: Sequence[Anchor], end: End | None, heads: Sequence[Head]
) -> Iterator[Fault]:
    """Yield what is wrong with a chain of entries, by number, between the newest anchor and the end that is stored."""
    anchor = max(anchors, default=None)
    last = start = End(anchor.number, anchor.hash) if anchor else End(0, START)
    exported = _by_number(heads)
    for known in [End(0, START), *(End(number, ending) for number, ending, _ in anchors)]:
        yield from _rewritten(known, exported)
    is_told = anchor is None
    for entry in entries:
        if entry["number"] <= start.number:
            yield _slipped_in(entry)
            continue
        yield from _entry_faults(entry, last)
        last = End(entry["number"], entry["hash"])
        yield from _rewritten(last, exported)
        is_told = is_told or (anchor is not None and _tells(entry, anchor))
    if not is_told:
        yield _untold(start)
    yield from _lost(anchors)
    yield from _end_faults(last, end)
    yield from (_beyond(head) for head in heads if head.number > last.number)


def _slipped_in(entry: Entry) -> Fault:
    return Fault(
        entry["number"], "slipped_in", "的编号早已清除,是后来插入的", "was slipped in: its number had been purged"
    )


def _entry_faults(entry: Entry, last: End) -> Iterator[Fault]:
    number = entry["number"]
    if number > last.number + 1:
        yield _missing(last.number + 1, number - 1)
    elif entry["previous_hash"] != last.hash:
        yield Fault(
            number,
            "unlinked",
            "与上一条接不上:这一条或上一条被改写或替换",
            "does not follow from the one before: either was rewritten or replaced",
        )
    if not _fits(entry):
        yield Fault(number, "changed", "的内容与其散列不符,已被改动", "was changed: its hash does not fit")


def _fits(entry: Entry) -> bool:
    try:
        return hash_of(entry) == str(entry["hash"])
    except (TypeError, ValueError):  # a value that is never written, such as a blob
        return False


def _missing(first: int, last: int) -> Fault:
    if first == last:
        return Fault(first, "missing", "缺失", "is missing")
    return Fault(first, "missing", f"至第 {last} 条缺失", f"to {last} are missing")


def _tells(entry: Entry, anchor: Anchor) -> bool:
    return entry["action"] == PURGED and str(entry["detail"]) == detail_text(told(*anchor))


def _untold(start: End) -> Fault:
    return Fault(
        start.number,
        "untold",
        "及之前的记录已不在,却没有关于清除的记录",
        "and those before are gone, but no entry tells of a purge that took them",
    )


def _lost(anchors: Iterable[Anchor]) -> Iterator[Fault]:
    """Yield the purges that took fewer entries than there had been since the one before."""
    last = 0
    for number, _, entries in sorted(anchors):
        if entries != number - last:
            yield Fault(
                number,
                "lost",
                f"及之前的记录清除了 {entries} 条,应有 {number - last} 条:其余在清除之前已缺失",
                f"and before: {entries} were purged of {number - last}; the others had been missing already",
            )
        last = number


def _end_faults(last: End, end: End | None) -> Iterator[Fault]:
    if end is None:
        if last != End(0, START):
            yield Fault(
                last.number, "end", "之后的链尾标记已被删除", "is the last, but the row that says so was removed"
            )
    elif end.number > last.number:
        yield Fault(
            last.number + 1, "cut_off", f"至第 {end.number} 条从末尾被截去", f"to {end.number} were cut off at the end"
        )
    elif end.number < last.number:
        yield Fault(end.number + 1, "added", "起的记录不是本程序写入的", "and later were not written by the program")
    elif end.hash != last.hash:
        yield Fault(last.number, "end", "与链尾标记不符", "is the last, but not the one that was written last")


def _by_number(heads: Iterable[Head]) -> dict[int, list[Head]]:
    exported: dict[int, list[Head]] = {}
    for head in heads:
        exported.setdefault(head.number, []).append(head)
    return exported


def _rewritten(known: End, exported: Mapping[int, Sequence[Head]]) -> Iterator[Fault]:
    for head in exported.get(known.number, ()):
        if head.hash != known.hash:
            yield Fault(
                known.number,
                "rewritten",
                f"与 {head.day} 导出的链头不符:此条或之前的记录被整体改写",
                f"is not the one exported on {head.day}: it or entries before were rewritten with all that follow",
            )


def _beyond(head: Head) -> Fault:
    return Fault(
        head.number,
        "cut_off",
        f"于 {head.day} 导出过,现已不在:末尾被截去,或恢复了较早的备份",
        f"was exported on {head.day} and is gone: the end was cut off, or an older backup restored",
    )
