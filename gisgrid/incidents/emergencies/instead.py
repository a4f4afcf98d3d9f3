"""Whom to telephone where nobody of a line can be alerted, or none of those who were has said a word. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

UPWARD: Final = ("station_staff", "community_leader", "street_leader")
"""The levels, each below the next; a department sits at the street."""

Shown = Mapping[str, Any]
"""A line as it is shown: `role`, names, `phone`, and its `people` by their turns."""


def is_unreached(line: Shown) -> bool:
    """Tell whether there is nobody to alert in a line, or nobody more after those who stay silent."""
    people = line["people"]
    return not line["is_received"] and (not people or people[-1]["followed_up_at"] is not None)


def instead_of(line: Shown, lines: Sequence[Shown]) -> dict[str, str | None] | None:
    """Return whom to telephone for a line: its control room, else the next level up; None where nobody is known."""
    if line["phone"]:
        return {"zh": line["zh"], "en": line["en"], "phone": line["phone"]}
    return next((found for each in _upward(line, lines) if (found := _somebody(each))), None)


def _upward(line: Shown, lines: Sequence[Shown]) -> list[Shown]:
    """Return the lines above one, the next level first; from the street on, whichever there are."""
    start = UPWARD.index(line["role"]) + 1 if line["role"] in UPWARD else len(UPWARD) - 1
    above = [each for role in UPWARD[start:] for each in lines if each["role"] == role]
    return [*above, *(each for each in lines if each not in above and each is not line)]


def _somebody(line: Shown) -> dict[str, str | None] | None:
    """Return who of a line has acknowledged, else who was called first, else its control room."""
    people = sorted(line["people"], key=lambda each: each["acknowledged_at"] is None)
    if people and people[0]["name"]:
        name, phone = people[0]["name"], people[0]["phone"] or line["phone"]
        return {"zh": f"{line['zh']} {name}", "en": f"{line['en']}, {name}", "phone": phone}
    return {"zh": line["zh"], "en": line["en"], "phone": line["phone"]} if line["phone"] else None
