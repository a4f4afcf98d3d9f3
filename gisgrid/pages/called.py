"""What roles, cells, departments, people and the standings of fixes are called on pages, in both languages."""

from collections.abc import Iterable
from typing import Final, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from gisgrid.grid.locate import NoGrid, layer_set_on
from gisgrid.grid.tables import LEVELS, Cell
from gisgrid.sight import EVERYTHING, Sight
from gisgrid.staff.offices import departments, role_names
from gisgrid.staff.scope import Role
from gisgrid.staff.tables import Person, Token


class Both(NamedTuple):
    """A text in both languages."""

    zh: str
    en: str


class Choice(NamedTuple):
    """Something to choose: what is sent, and what is read."""

    value: str
    words: Both


class Group(NamedTuple):
    """Choices under one heading."""

    words: Both
    choices: list[Choice]


EVERYWHERE: Final = Both("全部网格", "everywhere")
STANDINGS: Final = {
    "counted": Both("计入", "counts"),
    "withheld": Both("班次之外，只有本人可见", "outside a shift: you alone see it"),
    "quarantined": Both("存疑，未计入", "in doubt, does not count"),
    "evidence": Both("留作事件证据", "kept as evidence"),
}
NOTE_ACTS: Final = {
    "noted": Both("附注", "note"),
    "released": Both("放行", "released"),
    "withdrawn": Both("撤回放行", "release taken back"),
}
ATTRIBUTES: Final = {
    "speed_mps": Both("速度（米/秒）", "speed (m/s)"),
    "bearing_deg": Both("方向（度）", "bearing (°)"),
    "altitude_m": Both("高度（米）", "altitude (m)"),
    "battery": Both("电量", "battery"),
    "is_charging": Both("充电", "charging"),
    "is_mock": Both("模拟定位", "mocked"),
    "alarm": Both("报警", "alarm"),
    "motion": Both("运动状态", "motion"),
}
"""Attributes of fixes that have a name of their own; others keep that which the phone gave them."""
LEVEL_NAMES: Final = {
    "street": Both("街道", "Street"),
    "community": Both("社区", "Communities"),
    "substation": Both("工作分站", "Substations"),
}


class Called:
    """The names of roles, departments and the cells of the latest grid, asked for once."""

    def __init__(self, session: Session) -> None:
        self.roles = {role.code: Both(role.zh, role.en) for role in role_names(session)}
        found = departments(session)
        self.departments = {each.id: Both(each.zh, each.en) for each in found}
        self.department_choices = [Choice(each.code, Both(each.zh, each.en)) for each in found]
        self._cells = _cells(session)
        self._names = {code: name for _, code, name in self._cells}
        self._levels = {code: level for level, code, _ in self._cells}
        self._coded = {each.code: Both(each.zh, each.en) for each in found}

    @property
    def role_choices(self) -> list[Choice]:
        """All roles."""
        return [Choice(code, words) for code, words in self.roles.items()]

    def cell_choices(self, sight: Sight = EVERYTHING) -> list[Group]:
        """Return the cells that a sight answers for by level, in the order of their codes."""
        own = [cell for cell in self._cells if sight.has_code(cell[1])]
        return [
            Group(LEVEL_NAMES[level], [_choice(code, name) for code, name in held])
            for level in LEVELS
            if (held := [cell[1:] for cell in own if cell[0] == level])
        ]

    def cell(self, code: str | None) -> Both:
        """Name a cell; one that the grid has no more keeps its code alone."""
        if code is None:
            return EVERYWHERE
        return Both(self._names.get(code, code), self._names.get(code, code))

    def level(self, code: str | None) -> Both:
        """Name the level that a cell is of; the street where it is no cell of the latest grid."""
        return LEVEL_NAMES[self._levels.get(code or "", LEVELS[0])]

    def department(self, code: str) -> Both:
        """Name a department by its code."""
        return self._coded.get(code, Both(code, code))

    def post(self, role: Role) -> Both:
        """Name a role and where it is held."""
        name, where = self.roles.get(role.name, Both(role.name, role.name)), self.cell(role.cell_code)
        whose = self.departments.get(role.department_id or 0)
        parts = [name, *([whose] if whose else []), where]
        return Both(" · ".join(part.zh for part in parts), " · ".join(part.en for part in parts))


def _cells(session: Session) -> list[tuple[str, str, str]]:
    """Return level, code and name of the cells of the latest grid, if there is one."""
    try:
        latest = layer_set_on(session)
    except NoGrid:
        return []
    asked = select(Cell.level, Cell.code, Cell.name).where(Cell.layer_set_id == latest.id)
    return [(row.level, row.code, row.name) for row in session.execute(asked.order_by(Cell.code))]


def _choice(code: str, name: str) -> Choice:
    return Choice(code, Both(f"{name} {code}", f"{name} {code}"))


def people_called(session: Session, ids: Iterable[int]) -> dict[int, str]:
    """Return the names of people by their rows; whoever was erased has none."""
    asked = select(Person.id, Person.name, Person.full_name)
    rows = session.execute(asked.where(Person.id.in_(set(ids)), Person.erased_at.is_(None)))
    return {row.id: row.name if row.full_name in ("", row.name) else f"{row.full_name} ({row.name})" for row in rows}


def tokens_called(session: Session, ids: Iterable[int]) -> dict[int, str]:
    """Return the names of devices, boards and keys by their rows."""
    asked = select(Token.id, Token.name).where(Token.id.in_(set(ids)), Token.kind.in_(("device", "board", "api")))
    return {row.id: row.name for row in session.execute(asked)}
