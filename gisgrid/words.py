"""What is wrong with input, in Chinese and English: pydantic's findings by field, without the input itself."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pydantic_core import ErrorDetails, PydanticCustomError

from gisgrid.errors import Refused


class BadInput(Refused):
    """A field or parameter that is missing, unknown or not as it must be."""


REASONS: dict[str, tuple[str, str]] = {
    "missing": ("缺少", "is missing"),
    "string_type": ("应为文本", "must be text"),
    "string_unicode": ("含有无效字符", "holds invalid characters"),
    "string_too_short": ("太短,至少 {min_length} 个字符", "is too short: at least {min_length} characters"),
    "string_too_long": ("太长,最多 {max_length} 个字符", "is too long: at most {max_length} characters"),
    "float_type": ("应为数字", "must be a number"),
    "float_parsing": ("应为数字", "must be a number"),
    "finite_number": ("应为有限的数字", "must be a finite number"),
    "int_type": ("应为整数", "must be a whole number"),
    "int_parsing": ("应为整数", "must be a whole number"),
    "int_parsing_size": ("数字太大", "is too large"),
    "int_from_float": ("应为整数", "must be a whole number"),
    "bool_parsing": ("应为 true 或 false", "must be true or false"),
    "greater_than_equal": ("不能小于 {ge}", "must be at least {ge}"),
    "less_than_equal": ("不能大于 {le}", "must be at most {le}"),
    "greater_than": ("应大于 {gt}", "must be above {gt}"),
    "less_than": ("应小于 {lt}", "must be below {lt}"),
    "literal_error": ("应为 {expected_zh}", "must be {expected}"),
    "enum": ("应为 {expected_zh}", "must be {expected}"),
    "date_from_datetime_parsing": ("应为日期,如 2026-11-01", "must be a day such as 2026-11-01"),
    "date_parsing": ("应为日期,如 2026-11-01", "must be a day such as 2026-11-01"),
    "told": ("{zh}", "{en}"),
}
Fault = ErrorDetails | Mapping[str, Any]
Place = tuple[str | int, ...]
UNCLEAR = ("无法识别", "is not acceptable")


def told(zh: str, en: str) -> PydanticCustomError:
    """Return a validator's complaint in both languages."""
    return PydanticCustomError("told", "{en}", {"zh": zh, "en": en})


def bad_input(errors: Sequence[Fault], fields: Iterable[str] = ()) -> BadInput:
    """Say in words what pydantic found wrong, by the names of fields and parameters alone."""
    found = [_fault(error, fields) for error in _by_place(errors)[:5]]
    return BadInput(";".join(zh for zh, _ in found), "; ".join(en for _, en in found))


def _by_place(errors: Sequence[Fault]) -> list[Fault]:
    """Return what is wrong, once for each place that takes one list of words or another: with all of the words."""
    found: dict[Place, Fault] = {}
    for error in errors:
        place = tuple(error["loc"])
        if place and str(place[-1]).startswith("literal["):  # pydantic's own name of one of the lists
            place = place[:-1]
        found[place] = _either(found[place], error) if place in found else {**error, "loc": place}
    return list(found.values())


def _either(first: Fault, second: Fault) -> Fault:
    if first["type"] != "literal_error" or second["type"] != "literal_error":
        return first
    *words, last = [word for each in (first, second) for word in re.split(", | or ", each["ctx"]["expected"])]
    return {**first, "ctx": {"expected": f"{', '.join(words)} or {last}"}}


def _fault(error: Fault, fields: Iterable[str]) -> tuple[str, str]:
    if error["type"] == "extra_forbidden":  # its name is the sender's own text
        known = ", ".join(fields)
        return f"有未知字段;可用字段:{known}", f"there is an unknown field; the fields are: {known}"
    names = [each for each in error["loc"] if isinstance(each, str)]
    where = re.sub(r"[^A-Za-z0-9_-]", "?", names[-1])[:40] if names else ""
    zh, en = reason(error)
    return f"{where}:{zh}", f"{where} {en}"


def reason(error: Fault) -> tuple[str, str]:
    """Return why pydantic refuses a value, in Chinese and English, without the value and the name of its field."""
    zh, en = REASONS.get(error["type"], UNCLEAR)
    limits = error.get("ctx", {}).items()
    context = {name: int(limit) if isinstance(limit, float) and limit.is_integer() else limit for name, limit in limits}
    # pydantic lists what it expects in English: 'a', 'b' or 'c'
    context["expected_zh"] = str(context.get("expected", "")).replace("', '", "'、'").replace("' or '", "' 或 '")
    return zh.format(**context), en.format(**context)
