"""Text from outside that cannot trip us: JSON, times, lines. Pure."""

import json
import re
from datetime import datetime
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
