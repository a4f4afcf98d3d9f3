"""What comes out of a request of a phone: readings, heartbeats, and what is neither, with the reason."""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime, tzinfo
from itertools import islice
from typing import Any, Final, NamedTuple, TypeVar

from gisgrid.geometry import WGS84

LONGEST_BODY: Final = 4000
MOST_ITEMS: Final = 50_000
"""Of one request: what two megabytes hold of readings, and not of commas."""
MOST_UNREAD: Final = 100
"""Of one request; the others are counted in one more."""
TOKEN: Final = re.compile(r"gg_[a-z]+_[\w-]{20,}")
"""A credential as we issue them: apps send their own settings about, and nobody is to read them off a screen."""
UNSAFE: Final = re.compile(r"[\x00\ud800-\udfff]")

Item = TypeVar("Item")
Reason = tuple[str, str]
"""Why something is no reading, in Chinese and English."""


class Sent(NamedTuple):
    """One request: its body, its query with repeats, and in which zone a time without one was written."""

    body: bytes
    query: Sequence[tuple[str, str]]
    content_type: str
    received_at: datetime
    file_name: str | None = None
    zone: tzinfo = UTC


class Reading(NamedTuple):
    """One position as a phone sent it, raw in `crs`; numbers may be NaN or infinite, for the judge to say so.

    `fix_at` is in UTC, None where the phone gave no time that can be read. `is_track`: recorded on the way, not a
    check-in that somebody meant. `attributes` are JSON: in SI units under our names where we know the field (OURS in
    `values`), else under the sender's own.
    """

    fix_at: datetime | None
    longitude: float
    latitude: float
    attributes: dict[str, Any]
    accuracy_m: float | None = None
    client_id: str | None = None
    crs: str = WGS84
    patroller: str | None = None
    patrol: str | None = None
    is_track: bool = True


class Heartbeat(NamedTuple):
    """A phone is alive and has no fix to tell; `at` is None where it does not say when. It may carry an alarm."""

    at: datetime | None
    attributes: dict[str, Any]


class Unread(NamedTuple):
    """What is neither, why, and how it begins: at most 4,000 characters, without NUL, half characters and tokens."""

    zh: str
    en: str
    body: str


Found = Reading | Heartbeat | Unread


class Delivery(NamedTuple):
    """What one request holds, each kind in the order of the body; `identity` is what the client calls itself."""

    readings: list[Reading]
    heartbeats: list[Heartbeat]
    unread: list[Unread]
    identity: str | None = None


class Protocol(NamedTuple):
    """How requests of an app are read, whatever they hold, and the answer that lets it go on to its next point."""

    read: Callable[[Sent], Delivery]
    answer: bytes
    media_type: str | None


NOT_AN_OBJECT: Final = ("这一条不是 JSON 对象 {…}", "the item is no JSON object {…}")
TOO_MANY: Final = (
    f"一次请求最多读取 {MOST_ITEMS} 条;从这里起未读",
    f"a request is read up to item {MOST_ITEMS}; from here on it is not",
)
NOT_JSON: Final = ("不是 JSON", "is not JSON")
NO_POSITION: Final = ("经纬度缺失,或不是数字", "longitude or latitude is missing or is no number")


def delivered(found: Iterable[Found], identity: str | None = None) -> Delivery:
    """Sort what was found; heartbeats of the same moment with the same alarm are one."""
    readings: list[Reading] = []
    heartbeats: dict[tuple[datetime | None, Any], Heartbeat] = {}
    unread: list[Unread] = []
    more = 0
    for one in found:
        if isinstance(one, Reading):
            readings.append(one)
        elif isinstance(one, Heartbeat):
            heartbeats.setdefault((one.at, one.attributes.get("alarm")), one)
        elif len(unread) < MOST_UNREAD:
            unread.append(one)
        else:
            more += 1
    if more:
        unread.append(Unread(f"另有 {more} 条也无法读取", f"{more} more items that cannot be read", ""))
    return Delivery(readings, list(heartbeats.values()), unread, identity)


def each(items: Iterable[Item], read: Callable[[Item], Found]) -> Iterator[Found]:
    """Read the items of a batch one by one, so that a bad one fails no other."""
    following = iter(items)
    for item in islice(following, MOST_ITEMS):
        yield read(item)
    for _ in following:
        yield Unread(*TOO_MANY, "")
        break


def each_object(items: Iterable[Any], read: Callable[[dict[str, Any]], Found]) -> Iterator[Found]:
    """Read the items of a batch that should be JSON objects, as `each`."""
    return each(items, lambda item: read(item) if isinstance(item, dict) else unread(NOT_AN_OBJECT, item))


def unread(reason: Reason, what: Any) -> Unread:
    """Return what cannot be read: bytes (those that are no text as \\x1f), text, or what was made of JSON."""
    if isinstance(what, bytes):
        text = what[: 4 * LONGEST_BODY].decode("utf-8", errors="backslashreplace")
    else:
        text = what if isinstance(what, str) else _as_json(what)
    return Unread(*reason, harmless(text[: 4 * LONGEST_BODY])[:LONGEST_BODY])


def _as_json(what: Any) -> str:
    try:
        return json.dumps(what, ensure_ascii=False)
    except (ValueError, RecursionError):  # nested as deep as could be read, and written with a little more
        return "…"


def harmless(text: str) -> str:
    """Return text without what a database or a screen cannot take, and without the words of a token."""
    if not text.isprintable():
        text = UNSAFE.sub("\ufffd", text)
    return TOKEN.sub("gg_…", text) if "gg_" in text else text
