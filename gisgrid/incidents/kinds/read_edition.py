"""Two tables, kinds and filing conditions, read as an edition; all that is wrong with them is told at once. Pure."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Final, cast

from gisgrid.errors import Refused
from gisgrid.incidents.departments import in_line
from gisgrid.incidents.kinds.columns import CONDITIONS, KINDS
from gisgrid.incidents.kinds.edition import Clock, Condition, Confidentiality, Count, Edition, Kind, Unit
from gisgrid.incidents.kinds.written import Fault, Line, Rows, Written

CODE: Final = re.compile(r"[A-Z]\d{4}", re.ASCII)
CONDITION_CODE: Final = re.compile(r"[A-Za-z0-9]{1,20}")
LIMIT: Final = re.compile(r"(?=.*[1-9])\d{1,4}(\.\d{1,2}0*)?", re.ASCII)
"""Up to 9999.99, so that every limit is a whole number of seconds."""
METRES: Final = re.compile(r"[1-9]\d{0,4}", re.ASCII)
TOLD: Final = 5
"""How many faults an error's own words repeat."""


class FaultyEdition(Refused):
    """Tables that are no edition; `faults` says all that is wrong with them."""

    faults: tuple[Fault, ...] = ()


def read_edition(kinds: Rows, conditions: Rows, first_day: date, departments: Collection[str] | None = None) -> Edition:
    """Return the edition of two tables, each with its heads in its first row that is not blank.

    `departments` are the codes there are; None takes any. Raises FaultyEdition.
    """
    faults: list[Fault] = []
    found = _Found(departments)
    tables = Written(KINDS, kinds, faults), Written(CONDITIONS, conditions, faults)
    for line in tables[0].lines():
        found.read_kind(line)
    for line in tables[1].lines() if tables[0].is_whole else ():
        found.read_condition(line)
    if tables[0].is_whole and tables[1].is_whole:
        found.require_conditions(tables[0])
    if faults:
        raise _faulty(sorted(faults, key=lambda fault: (fault.table is CONDITIONS, fault.row)))
    return Edition(first_day, {code: _with(kind, found.conditions[code]) for code, kind in found.kinds.items()})


def _with(kind: Kind, conditions: Mapping[str, Condition]) -> Kind:
    return replace(kind, conditions=tuple(conditions.values()))


def _faulty(faults: list[Fault]) -> FaultyEdition:
    told = [fault.told for fault in faults[:TOLD]]
    more = len(faults) - len(told)
    rest = (f";另有 {more} 处", f"; and {more} more") if more else ("", "")
    error = FaultyEdition(";".join(zh for zh, _ in told) + rest[0], "; ".join(en for _, en in told) + rest[1])
    error.faults = tuple(faults)
    return error


@dataclass
class _Found:
    """What has been read so far: kinds and where they stood, and their conditions, sound or not."""

    departments: Collection[str] | None
    kinds: dict[str, Kind] = field(default_factory=dict)
    lines: dict[str, Line] = field(default_factory=dict)
    conditions: dict[str, dict[str, Condition]] = field(default_factory=dict)
    classes: dict[str, tuple[str, str]] = field(default_factory=dict)

    def read_kind(self, line: Line) -> None:
        """Take in a row of the table of kinds."""
        code = line.matching("code", CODE, "一个大写字母加四位数字", "a capital letter and four digits")
        kind = Kind(
            code,
            line.text("class_zh"),
            line.text("class_en"),
            line.text("name_zh"),
            line.text("name_en"),
            cast("Confidentiality", line.choice("confidentiality")),
            self._department(line),
            line.is_yes("needs_photo"),
            _metres(line),
            line.is_yes("needs_document"),
            cast("Count", line.choice("counted_as")),
            line.is_yes("is_emergency"),
            line.is_yes("is_patrolled"),
        )
        if code in self.kinds:
            first = self.lines[code].number
            line.fault("code", f"{code} 在第 {first} 行已有", f"{code} is there in row {first} already")
        elif code:
            self.kinds[code], self.lines[code] = kind, line
            self._require_one_class(line, kind)

    def _department(self, line: Line) -> str:
        code = line.plain("default_department")
        if code and self.departments is not None and code not in self.departments:
            codes = in_line(self.departments)
            words = (f"没有这个部门编码;可用:{codes}", f"there is no department of that code; use {codes}")
            line.fault("default_department", *words)
        return code

    def _require_one_class(self, line: Line, kind: Kind) -> None:
        own = (kind.class_zh, kind.class_en)
        names = self.classes.setdefault(kind.class_code, own) if all(own) else own
        if names != own:
            line.fault(
                "class_zh",
                f"{kind.class_code} 类在前面叫“{names[0]} {names[1]}”",
                f"class {kind.class_code} is called “{names[0]} {names[1]}” above",
            )

    def read_condition(self, line: Line) -> None:
        """Take in a row of the table of conditions."""
        of_kind = line.plain("kind")
        condition = Condition(
            line.matching("code", CONDITION_CODE, "字母或数字", "letters or digits"),
            line.text("name_zh"),
            line.text("name_en"),
            _limit(line),
            cast("Unit", line.choice("unit")),
            cast("Clock", line.choice("clock")),
        )
        its = self.conditions.setdefault(of_kind, {})
        if of_kind and of_kind not in self.kinds:
            line.fault("kind", "类别表中没有这个编码", "the table of kinds has no such code")
        if condition.code in its:
            line.fault("code", f"{of_kind} 已有这个条件编码", f"{of_kind} has a condition of that code already")
        its[condition.code] = condition

    def require_conditions(self, table: Written) -> None:
        """Note the kinds without any condition, or that there is no kind at all."""
        if table.is_empty:
            table.fault(0, "", "没有任何类别", "there is no kind in it")
        for code in [code for code in self.kinds if code not in self.conditions]:
            self.lines[code].fault("code", f"{code} 没有任何立案条件", f"{code} has no filing condition")


def _metres(line: Line) -> int | None:
    cell = line.matching("needs_within_m", METRES, "整数(米),1 至 99999", "a whole number of metres, 1 to 99999")
    return int(cell) if cell else None


def _limit(line: Line) -> Decimal:
    cell = line.matching("limit", LIMIT, "大于 0 的数,至多两位小数", "a number above 0 with two decimals at most")
    return Decimal(cell).normalize() if cell else Decimal(1)
