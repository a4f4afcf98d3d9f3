"""The kinds of incident: a table, never code, because local editions of the standard number them differently.

A code is a letter and four digits, two of class and two of subclass: `C` components (部件) and `E` events (事件) in the
order of GB/T 30428.2, `L` our own block for what that standard leaves out (治安、纠纷、信访、出租屋、消防、安全生产…).
"""

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from gisgrid.errors import Refused


class UnknownKind(Refused):
    """A kind that is not in the table."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One line of the table; `class_*` names the two digits of class, `name_*` the subclass."""

    code: str
    class_zh: str
    class_en: str
    name_zh: str
    name_en: str

    @property
    def class_code(self) -> str:
        """Letter and class: the first three characters."""
        return self.code[:3]


@cache
def kinds() -> dict[str, Kind]:
    """Return the kinds by code, in the order of the table."""
    table = files(__package__).joinpath("kinds.csv").read_text(encoding="utf-8")
    return {row["code"]: Kind(**row) for row in csv.DictReader(table.splitlines())}


def require_kind(code: str) -> Kind:
    """Return the kind of a code. Raises UnknownKind."""
    kind = kinds().get(code)
    if kind is None:
        raise UnknownKind(
            "没有这个事件类别;可用的类别见 GET /api/incident-kinds",
            "there is no such kind of incident; the kinds are listed at GET /api/incident-kinds",
        )
    return kind
