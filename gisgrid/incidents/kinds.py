"""The kinds of incident: a table, never code, because local editions of the standard number them differently.

A code is a letter and four digits, two of class and two of subclass: `C` components (部件) and `E` events (事件) in the
order of GB/T 30428.2, `L` our own block for what that standard leaves out (治安、纠纷、信访、出租屋、消防、安全生产…).
Its last column says from whom a kind is kept, where it is.
"""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from gisgrid.errors import Refused

SHOWN = 40
"""Characters of an unknown name that are repeated to whoever gave it."""
ALIKE = 0.5
"""How much of a name must agree with another to be called near, as `difflib` measures it."""


class UnknownKind(Refused):
    """A kind that is not in the table, or a name that several have."""


Confidentiality = Literal["", "handlers", "impartial"]
"""`handlers`: for its named handlers alone. `impartial`: a complaint, which names the unit that it is kept from."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One line of the table; `class_*` names the two digits of class, `name_*` the subclass."""

    code: str
    class_zh: str
    class_en: str
    name_zh: str
    name_en: str
    confidentiality: Confidentiality = ""

    @property
    def is_confidential(self) -> bool:
        """Whether nobody but its named handlers sees what is of this kind."""
        return self.confidentiality == "handlers"

    @property
    def is_complaint(self) -> bool:
        """Whether what is of this kind is about a unit of our own, and must say which."""
        return self.confidentiality == "impartial"

    @property
    def class_code(self) -> str:
        """Letter and class: the first three characters."""
        return self.code[:3]


@cache
def kinds() -> dict[str, Kind]:
    """Return the kinds by code, in the order of the table."""
    table = files(__package__).joinpath("kinds.csv").read_text(encoding="utf-8")
    rows: Iterator[dict[str, Any]] = csv.DictReader(table.splitlines())
    return {row["code"]: Kind(**row) for row in rows}


def require_kind(code: str) -> Kind:
    """Return the kind of a code. Raises UnknownKind."""
    kind = kinds().get(code)
    if kind is None:
        raise UnknownKind(
            "没有这个事件类别;可用的类别见 GET /api/incident-kinds",
            "there is no such kind of incident; the kinds are listed at GET /api/incident-kinds",
        )
    return kind


def kind_called(text: str) -> Kind:
    """Return the kind of a code, a Chinese or an English name, in capitals or not.

    Raises UnknownKind, which repeats the text: only for whoever gave it.
    """
    found = _called().get(text.strip().casefold(), ())
    if len(found) == 1:
        return found[0]
    shown = "".join(letter if letter.isprintable() else "?" for letter in text[:SHOWN])
    near = ", ".join(f"{kind.code} {kind.name_zh} {kind.name_en}" for kind in found or _near(text))
    if found:
        raise UnknownKind(
            f"“{shown}”是几个类别共有的名称,请写编码:{near}",
            f"“{shown}” is the name of several kinds; write a code: {near}",
        )
    zh, en = (f"相近的有 {near};", f"near to it: {near}; ") if near else ("", "")
    raise UnknownKind(
        f"没有“{shown}”这个事件类别;{zh}全部类别见 gisgrid incidents kinds",
        f"there is no kind of incident “{shown}”; {en}all kinds: gisgrid incidents kinds",
    )


@cache
def _called() -> dict[str, Sequence[Kind]]:
    """Return the kinds by each of their names, of which a table may have the same twice."""
    names: dict[str, list[Kind]] = {}
    for kind in kinds().values():
        for name in dict.fromkeys((kind.code, kind.name_zh, kind.name_en)):
            names.setdefault(name.casefold(), []).append(kind)
    return dict(names)


def _near(text: str) -> list[Kind]:
    names = get_close_matches(text.strip().casefold()[:SHOWN], _called(), cutoff=ALIKE)
    return list({kind.code: kind for name in names for kind in _called()[name]}.values())
