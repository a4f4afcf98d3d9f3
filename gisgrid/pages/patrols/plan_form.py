"""The form of a plan: what there is to choose in one's cells, and what was typed, as the API takes it."""

import re
from datetime import date
from typing import Any, Final, NamedTuple

from sqlalchemy.orm import Session

from gisgrid.errors import Refused
from gisgrid.grid.locate import NoGrid, grid_on
from gisgrid.pages.called import Both, Called
from gisgrid.patrols.plans.find_spots import cell_spots, standing_checkpoints
from gisgrid.patrols.plans.spots import Spot
from gisgrid.patrols.plans.walking import beats, is_on_beat, lineages
from gisgrid.settings import Settings
from gisgrid.sight import sight_of

APART: Final = re.compile(r"[\s,，、;；]+")
CLOCK: Final = re.compile(r"(\d{1,2})[:：](\d{2})")
WINDOW: Final = re.compile(rf"{CLOCK.pattern}[-–—~至]{CLOCK.pattern}")
EMPTY: Final[dict[str, Any]] = {
    "name": "",
    "kind": "plan",
    "place": [],
    "person": [],
    "first_day": "",
    "last_day": "",
    "weekday": list("1234567"),
    "every_days": "1",
    "times": "fixed",
    "at": "",
    "windows": "",
    "times_a_day": "2",
    "duration_min": "60",
    "grace_min": "15",
}


class NothingChosen(Refused):
    """A plan without a name, a place or a day of the week."""


class BadTimes(Refused):
    """Times that are not written as those of a clock."""


class BadNumber(Refused):
    """A number that is not written in digits."""


class Ground(NamedTuple):
    """A cell of one's own, with the checkpoints that lie in it and in no smaller one."""

    code: str
    name: Both
    spot: Spot
    checkpoints: list[Spot]

    @property
    def values(self) -> list[str]:
        """What is sent for each place to be chosen: the cell itself, then its checkpoints."""
        return [":".join(spot.place) for spot in (self.spot, *self.checkpoints)]


class Walker(NamedTuple):
    """Somebody who walks in one's cells."""

    name: str
    called: str


def grounds(session: Session, settings: Settings, called: Called, today: date) -> list[Ground]:
    """Return the cells of the latest grid that this session answers for, with their checkpoints, by code."""
    try:
        grid = grid_on(session)
    except NoGrid:
        return []
    sight = sight_of(session)
    cells = [spot for spot in cell_spots(grid, sight.codes, settings.metric_crs) if sight.holds(spot.cells)]
    held: dict[str | None, list[Spot]] = {}
    for spot in standing_checkpoints(session, today, settings.metric_crs):
        if sight.holds(spot.cells):
            held.setdefault(next((code for code in reversed(spot.codes) if code), None), []).append(spot)
    found = {spot.place.code: spot for spot in cells}
    return [Ground(code, called.cell(code), found[code], held.get(code, [])) for code in sorted(found)]


def walkers(session: Session, its: list[Ground]) -> list[Walker]:
    """Return who walks in some cells, by their names."""
    above = lineages(session)
    there = [spot for ground in its for spot in (ground.spot, *ground.checkpoints)]
    found = {
        beat.name: Walker(beat.name, beat.full_name or beat.name)
        for beat in beats(session)
        if any(is_on_beat(beat.cell_code, spot, above) for spot in there)
    }
    return list(found.values())


# --- what was typed --------------------------------------------------------------------------------


def sent(typed: dict[str, Any], today: date) -> dict[str, Any]:
    """Return what was typed as the body of a plan. Raises NothingChosen, BadTimes, BadNumber."""
    if not typed["name"]:
        raise NothingChosen("请填写计划名称", "give the plan a name")
    if not typed["place"]:
        raise NothingChosen("请至少勾选一个地点", "choose a place at least")
    if not typed["weekday"]:
        raise NothingChosen("请至少勾选一个星期几", "choose a day of the week at least")
    numbers = {name: _number(typed[name]) for name in ("every_days", "duration_min", "grace_min")}
    return {
        "name": typed["name"],
        "is_operation": typed["kind"] == "operation",
        "places": [dict(zip(("kind", "code"), each.split(":", 1), strict=False)) for each in typed["place"]],
        "people": typed["person"] or None,
        "first_day": typed["first_day"] or today.isoformat(),
        "last_day": typed["last_day"] or None,
        "weekdays": [_number(each) for each in typed["weekday"]],
        **numbers,
        **(_drawn(typed) if typed["times"] == "random" else {"at": _clocks(typed["at"])}),
    }


def _drawn(typed: dict[str, Any]) -> dict[str, Any]:
    written = [WINDOW.fullmatch(each) for each in APART.split(typed["windows"]) if each]
    windows = [(_clock(*each.groups()[:2]), _clock(*each.groups()[2:])) for each in written if each]
    if not windows or len(windows) < len(written):
        raise BadTimes(
            "时段请写成 08:00-12:00,几个时段以空格分开", "write windows as 08:00-12:00, with spaces between them"
        )
    return {
        "windows": [{"start": start, "end": end} for start, end in windows],
        "times_a_day": _number(typed["times_a_day"]),
    }


def _clocks(text: str) -> list[str]:
    written = [CLOCK.fullmatch(each) for each in APART.split(text) if each]
    found = [_clock(*each.groups()) for each in written if each]
    if not found or len(found) < len(written):
        raise BadTimes("时间请写成 09:00,几个时间以空格分开", "write times as 09:00, with spaces between them")
    return found


def _clock(hour: str, minute: str) -> str:
    if int(hour) > 23 or int(minute) > 59:
        raise BadTimes("没有这样的钟点", "no clock shows such a time")
    return f"{int(hour):02}:{minute}"


def _number(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,6}", text):
        raise BadNumber("次数、天数和分钟数请写数字", "write numbers of rounds, days and minutes in digits")
    return int(text)
