"""What the fields of phones say: numbers, times and words, in SI units and under our names. Nothing is judged here.

Readers of a field return None where the phone says that it does not know, and raise ValueError where they cannot read.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, tzinfo
from functools import lru_cache
from itertools import islice
from math import inf, isfinite
from typing import Any, Final

from gisgrid.parse import CONTROL, iso_time, near, read_time
from gisgrid.patrols.trackers.reading import harmless

LONGEST_NAME: Final = 100
LONGEST_TEXT: Final = 200
LONGEST_KEY: Final = 40
MOST_FIELDS: Final = 60
"""Of one item; some thirty are the most that any app sends."""
KNOT_MPS: Final = 1852 / 3600
KMH_MPS: Final = 1 / 3.6
OURS: Final = (
    *("speed_mps", "bearing_deg", "altitude_m", "vertical_accuracy_m", "hdop", "satellites"),
    *("battery", "is_charging", "is_mock", "is_valid", "alarm", "motion"),
)
"""Names of attributes whose meaning and unit are settled: battery is 0 to 1."""

Read = Callable[[Any], Any]
Fields = Mapping[str, tuple[str, Read] | None]
"""Our name of each field of a client, and how to read it; None is one that is told elsewhere."""


# --- numbers ---------------------------------------------------------------------------------------


def number(value: Any) -> float:
    """Return a number of JSON, or one written as text; it may be NaN or infinite. Raises ValueError."""
    if isinstance(value, float):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        try:
            return float(value)
        except OverflowError:
            return inf if value > 0 else -inf
    if isinstance(value, str) and "_" not in value:  # 1_000 is Python, and no phone's
        return float(value)
    raise ValueError


def finite(value: Any) -> float:
    """Return a number that JSON can hold."""
    made = number(value)
    if not isfinite(made):
        raise ValueError
    return made


def unless_negative(value: Any) -> float | None:
    """Return a speed, bearing or the like, of which −1 means that it is not known."""
    made = number(value)
    if 0 <= made < inf:
        return made
    if made < 0:
        return None
    raise ValueError


def radius(value: Any) -> float | None:
    """Return an accuracy in metres. Android's 0 means that it has none; a negative one is not read, and so kept."""
    made = number(value)
    if not 0 <= made < inf:
        raise ValueError
    return made or None


def knots(value: Any) -> float | None:
    """Return a speed in knots as metres a second."""
    made = unless_negative(value)
    return None if made is None else made * KNOT_MPS


def kmh(value: Any) -> float | None:
    """Return a speed in kilometres an hour as metres a second."""
    made = unless_negative(value)
    return None if made is None else made * KMH_MPS


def fraction(value: Any) -> float | None:
    """Return a battery's charge, 0 to 1."""
    made = unless_negative(value)
    if made is not None and made > 1:
        raise ValueError
    return made


def percent(value: Any) -> float | None:
    """Return a battery's charge, 0 to 100, as 0 to 1."""
    made = unless_negative(value)
    return None if made is None else fraction(made / 100)


def position(longitude: Any, latitude: Any) -> tuple[float, float] | None:
    """Return longitude and latitude; None where neither is there. Raises ValueError."""
    if longitude is None and latitude is None:
        return None
    return number(longitude), number(latitude)


# --- words -----------------------------------------------------------------------------------------

FLAGS: Final = {"true": True, "1": True, "false": False, "0": False}


def flag(value: Any) -> bool:
    """Return a yes or no of JSON, or one written as text."""
    made = FLAGS.get(str(value).lower()) if isinstance(value, bool | int | str) else None
    if made is None:
        raise ValueError
    return made


def words(value: Any) -> str | None:
    """Return some text, or a list of texts as one."""
    parts = value if isinstance(value, list) else [value]
    if not all(isinstance(part, str) for part in parts):
        raise ValueError
    return harmless(", ".join(parts)[:LONGEST_TEXT].strip()) or None


def name(value: Any) -> str | None:
    """Return the name that a phone gives to something, one line of at most 100 characters; else None."""
    text = str(value) if type(value) is int and abs(value) < 2**63 else value
    if not isinstance(text, str):
        return None
    text = text.strip()
    return text if 0 < len(text) <= LONGEST_NAME and not CONTROL.search(text) else None


def plain(value: Any) -> Any:
    """Return a value as JSON of bounded size; None for what is nested."""
    if isinstance(value, str):
        return harmless(value[:LONGEST_TEXT]) or None
    if isinstance(value, int):
        return value if abs(value) < 2**63 else str(value)[:LONGEST_TEXT]
    if isinstance(value, float):
        return value if isfinite(value) else str(value)
    return words(value) if isinstance(value, list) and all(isinstance(part, str) for part in value) else None


def first(told: Mapping[str, Any], *fields: str) -> Any:
    """Return what the first of some fields says that is there; None if none is."""
    return next((told[field] for field in fields if field in told), None)


def attributes(
    told: Iterable[tuple[str, Any]], fields: Fields, unread_time: tuple[str, Any] | None = None
) -> dict[str, Any]:
    """Return what else a phone says. A field that we do not know or cannot read stays under its own name.

    `accuracy_m` is among them where a field says it. An own name that is one of OURS is kept as `sent_…`.
    `unread_time` is the field of the time and what it says, if that cannot be read.
    """
    made: dict[str, Any] = {}
    for field, value in islice(told, MOST_FIELDS):
        known = fields.get(field, UNKNOWN)
        if known is None or value is None:
            continue
        ours, read = known
        try:
            found = read(value)
        except ValueError:
            ours, found = "", plain(value)
        if found is not None:
            made[ours or _own(field[:LONGEST_KEY])] = found
    if unread_time is not None and (written := plain(unread_time[1])) is not None:
        made[unread_time[0]] = written
    return made


UNKNOWN: Final = ("", plain)


@lru_cache(maxsize=1024)
def _own(field: str) -> str:
    own = harmless(field)
    return f"sent_{own}" if own in OURS or own == "accuracy_m" else own


# --- times -----------------------------------------------------------------------------------------


def moment(value: Any, zone: tzinfo = UTC) -> datetime | None:
    """Return a time in UTC, or None: seconds or milliseconds since 1970, or written out; without a zone, in `zone`.

    A number below 2³¹ − 1 counts seconds, else milliseconds, as in the OsmAnd protocol of Traccar.
    """
    try:
        if isinstance(value, str) and (value[4:5] == "-" or not _is_count(value)):
            return _written(value.strip(), zone)
        count = number(value)
        return near(datetime.fromtimestamp(count if count < 2**31 - 1 else count / 1000, UTC))
    except (ValueError, OverflowError, OSError):
        return None


def _is_count(text: str) -> bool:
    return text.strip().lstrip("-").replace(".", "", 1).isdecimal()


def _written(text: str, zone: tzinfo) -> datetime:
    if " " in text and "T" in text:
        text = text.replace(" ", "+")  # the + of a zone that nobody escaped in a query
    try:
        made = read_time(text)
    except ValueError:
        made = read_time(iso_time(text))
    if made.tzinfo is UTC:
        return made
    return near((made if made.tzinfo else made.replace(tzinfo=zone)).astimezone(UTC))
