"""The kinds of incident: a table, never code, because local editions of the standard number them differently.

A code is a letter and four digits, two of class and two of subclass: `C` components (部件) and `E` events (事件) in the
order of GB/T 30428.2, `L` our own block for what that standard leaves out (治安、纠纷、信访、出租屋、消防、安全生产…).
How long handling may take hangs on the filing condition (立案条件), of which a kind has one or more. Pure.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from difflib import get_close_matches
from functools import cached_property
from typing import Final, Literal

from gisgrid.errors import Refused

SHOWN: Final = 40
"""Characters of an unknown name that are repeated to whoever gave it."""
ALIKE: Final = 0.5
"""How much of a name must agree with another to be called near, as `difflib` measures it."""


class UnknownKind(Refused):
    """A kind that is not in the edition of its day, or a name that several have."""


Confidentiality = Literal["", "handlers", "impartial"]
"""`handlers`: for its named handlers alone. `impartial`: a complaint, which names the unit that it is kept from."""
Unit = Literal["hours", "days"]
Clock = Literal["normal", "urgent"]
"""`normal` runs in working hours, eight a day; `urgent` runs always."""
Count = Literal["", "case", "dispute", "petition"]
"""As which of the figures of 2007 a kind counts: 治安案件, 矛盾纠纷, 信访."""

HOUR_S: Final = 3600
HOURS_A_DAY: Final[dict[Clock, int]] = {"normal": 8, "urgent": 24}


@dataclass(frozen=True, slots=True)
class Condition:
    """A filing condition: `code` is its own within its kind, `limit` so many `unit` on the `clock`."""

    code: str
    name_zh: str
    name_en: str
    limit: Decimal
    unit: Unit
    clock: Clock

    @property
    def limit_s(self) -> int:
        """The limit in seconds of its clock: a day has 8 hours on the normal one, 24 on the urgent one."""
        hours = self.limit * (HOURS_A_DAY[self.clock] if self.unit == "days" else 1)
        return int(hours * HOUR_S)


@dataclass(frozen=True, slots=True)
class Kind:
    """One line of the table; `class_*` names the two digits of class, `name_*` the subclass.

    `default_department` is the code of a department, "" for none. `needs_*` is what closing takes: a photo, a position
    within so many metres of where it was reported, a document. `is_emergency` starts a contingency plan (预案);
    `is_patrolled` is what a patrol should have found.
    """

    code: str
    class_zh: str
    class_en: str
    name_zh: str
    name_en: str
    confidentiality: Confidentiality = ""
    default_department: str = ""
    needs_photo: bool = False
    needs_within_m: int | None = None
    needs_document: bool = False
    counted_as: Count = ""
    is_emergency: bool = False
    is_patrolled: bool = False
    conditions: tuple[Condition, ...] = ()

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


@dataclass(frozen=True)
class Edition:
    """The kinds by code, in the order of their table, in force from `first_day` until the next edition's."""

    first_day: date
    kinds: Mapping[str, Kind]

    def require(self, code: str) -> Kind:
        """Return the kind of a code. Raises UnknownKind."""
        kind = self.kinds.get(code)
        if kind is None:
            raise unknown_kind()
        return kind

    def called(self, text: str) -> Kind:
        """Return the kind of a code, a Chinese or an English name, in capitals or not.

        Raises UnknownKind, which repeats the text: only for whoever gave it.
        """
        found = self._called.get(text.strip().casefold(), ())
        if len(found) == 1:
            return found[0]
        shown = "".join(letter if letter.isprintable() else "?" for letter in text[:SHOWN])
        near = ", ".join(f"{kind.code} {kind.name_zh} {kind.name_en}" for kind in found or self._near(text))
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

    @cached_property
    def _called(self) -> dict[str, Sequence[Kind]]:
        """The kinds by each of their names, of which a table may have the same twice."""
        names: dict[str, list[Kind]] = {}
        for kind in self.kinds.values():
            for name in dict.fromkeys(each.casefold() for each in (kind.code, kind.name_zh, kind.name_en)):
                names.setdefault(name, []).append(kind)
        return dict(names)

    def _near(self, text: str) -> list[Kind]:
        names = get_close_matches(text.strip().casefold()[:SHOWN], self._called, cutoff=ALIKE)
        return list({kind.code: kind for name in names for kind in self._called[name]}.values())


def unknown_kind() -> UnknownKind:
    """Say that a code is in no edition that is asked, without repeating it."""
    return UnknownKind(
        "没有这个事件类别;可用的类别见 GET /api/incident-kinds",
        "there is no such kind of incident; the kinds are listed at GET /api/incident-kinds",
    )
