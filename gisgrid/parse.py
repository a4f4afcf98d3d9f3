"""Text from outside that cannot trip us: JSON, times, lines. Pure."""

import json
import re
import unicodedata
from datetime import datetime, time, timedelta
from itertools import pairwise
from typing import Any, Final

from gisgrid.errors import Refused

CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
"""What no line of text holds: control characters, line breaks, half a character."""
FAR_YEAR: Final = re.compile(r"[+-]?(?:0000|\d{5,})-\d\d-\d\d")  # a day that Python cannot hold
YEARS: Final = ("年份须在 1901 至 8999 之间", "must lie in the years 1901 to 8999")
"""Beyond them, arithmetic with zones overflows."""
OFFICE_TIME: Final = re.compile(  # 2026/11/1 8:05, 2026年11月1日 8时5分
    r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?[ T]*(\d{1,2})[:时](\d{1,2})(?:[:分](\d{1,2})秒?)?分?"
)


SPAN: Final = re.compile(r"(\d{1,2}):(\d\d) *[-–—~〜] *(\d{1,2}):(\d\d)")

Hours = tuple[tuple[time, time], ...]
"""Parts of a day, one after another; one that ends at 00:00 ends with the day."""


class BadBody(Refused):
    """A body that is not JSON."""


class DoubledKeys(dict[str, Any]):
    """A JSON object that names a key twice, so that nobody can know which was meant."""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    return made if len(made) == len(pairs) else DoubledKeys(made)


def _whole(digits: str) -> int | float:
    # Python refuses thousands of digits; fields refuse infinity
    return int(digits) if len(digits) < 20 else float(digits)


# made once: to make a decoder takes longer than to read one position
STRICT: Final = json.JSONDecoder(object_pairs_hook=_object, parse_int=_whole)
LENIENT: Final = json.JSONDecoder(strict=False)
LENIENT_AND_LONG: Final = json.JSONDecoder(strict=False, parse_int=_whole)


def _bad_body() -> BadBody:
    return BadBody("请求体不是有效的 UTF-8 JSON", "the body is not valid JSON in UTF-8")


def parse_json(body: bytes) -> Any:
    """Read JSON in UTF-8. NaN and Infinity come through, for the fields to refuse. Raises BadBody."""
    try:
        return STRICT.decode(body.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise _bad_body() from error


def lenient_json(body: bytes) -> Any:
    """Read JSON from a phone, which cannot be told to send it better: a bad letter in one item spoils no other.

    Bytes that are not UTF-8 become U+FFFD, control characters inside text stay, of a key given twice the last holds,
    whole numbers without end become floats. Raises BadBody.
    """
    text = body.decode("utf-8-sig", errors="replace")
    try:
        try:
            return LENIENT.decode(text)
        except ValueError:  # perhaps thousands of digits; to look at each number takes half as long again
            return LENIENT_AND_LONG.decode(text)
    except (ValueError, RecursionError) as error:
        raise _bad_body() from error


def read_time(text: str) -> datetime:
    """Read an ISO 8601 time or day. Raises ValueError, and OverflowError for one that is not `near`."""
    if FAR_YEAR.match(text):
        raise OverflowError
    return near(datetime.fromisoformat(text))


def near(moment: datetime) -> datetime:
    """Return a time that lies in YEARS. Raises OverflowError for any other."""
    if not 1900 < moment.year < 9000:
        raise OverflowError
    return moment


def iso_time(text: str) -> str:
    """Return a time as offices write it in ISO 8601; any other text as it is."""
    office = OFFICE_TIME.fullmatch(text)
    if office is None:
        return text
    year, *others = (f"{part or 0:0>2}" for part in office.groups())
    return "{}-{}-{}T{}:{}:{}".format(year, *others)


def read_hours(text: str) -> Hours:
    """Read parts of a day, such as 08:00-12:00,14:00-18:00; 24:00 is the day's end. Raises ValueError."""
    plain = unicodedata.normalize("NFKC", text).replace("、", ",")
    spans = [SPAN.fullmatch(part.strip()) for part in plain.replace(";", ",").split(",")]
    hours = tuple(_span(*map(int, span.groups())) for span in spans if span)
    if not all(spans) or not follow_one_another(hours):
        raise ValueError("hours that do not follow one another")
    return hours


def _span(hour: int, minute: int, end_hour: int, end_minute: int) -> tuple[time, time]:
    end = time(0) if (end_hour, end_minute) == (24, 0) else time(end_hour, end_minute)
    return time(hour, minute), end


def follow_one_another(hours: Hours) -> bool:
    """Tell whether parts of a day are some, each ends after it begins, and none begins before the last has ended."""
    ends = [(into_day(opens), into_day(closes) or timedelta(days=1)) for opens, closes in hours]
    in_turn = all(before[1] <= after[0] for before, after in pairwise(ends))
    return bool(ends) and in_turn and all(opens < closes for opens, closes in ends)


def into_day(mark: time) -> timedelta:
    """Return how far into a day a time is."""
    return timedelta(hours=mark.hour, minutes=mark.minute, seconds=mark.second, microseconds=mark.microsecond)


def search_key(text: str) -> str:
    """Return what a search compares of a text: neither case nor the width of letters, nor blanks and unseen marks."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return "".join(letter for letter in plain if letter.isprintable() and not letter.isspace())


def listed(value: str) -> tuple[str, ...]:
    """Return the parts of a list by commas, each once."""
    return tuple(dict.fromkeys(part.strip() for part in value.split(",") if part.strip()))
