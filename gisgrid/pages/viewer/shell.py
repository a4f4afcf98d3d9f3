"""The viewer's page: folium makes the map, as linked parts without inline script or style; own modules fill it."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from functools import cache
from os.path import normpath
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, get_args
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import Request

from gisgrid.coverage.public import DAYS
from gisgrid.grid.own.store import SEA
from gisgrid.grid.own.tables import OwnLayer
from gisgrid.maps.assets import STATIC as MAP_STATIC
from gisgrid.maps.assets import script_json
from gisgrid.maps.classes import COVERAGE, NOT_AVAILABLE
from gisgrid.pages.frame import ENGINE, FOLDER, Account, said
from gisgrid.pages.viewer.tiles import base_told
from gisgrid.parameters import Period
from gisgrid.settings import Settings
from gisgrid.sight import Cells, Sight
from gisgrid.staff.roles import ROLES, Permission

if TYPE_CHECKING:
    from gisgrid.maps.offline import Parts

STATIC: Final = FOLDER / "static"
MAIN: Final = STATIC / "viewer" / "main.js"
LATER: Final = STATIC / "viewer" / "later.js"
STYLES: Final = (
    STATIC / "pages" / "account.css",
    MAIN.parent / "viewer.css",
    MAIN.parent / "ground" / "base.css",
    MAIN.parent / "bar" / "search.css",
    MAIN.parent / "cases" / "cases.css",
    MAIN.parent / "layers" / "patrols.css",
)
"""After those of the map."""
RELATIVE: Final = re.compile(r"url\((?![#/])")
IMPORTED: Final = re.compile(r'^(?:import|export) (?:.* from )?"(\.[^"]+)";$', re.MULTILINE)
ASKED_BY_ADDRESS: Final = {"period", "from", "to", "group"}


def _with_imports(module: Path, known: tuple[Path, ...] = ()) -> tuple[Path, ...]:
    """Return a module and all that it imports at once, each once; those that are `known` are left out."""
    if module in known:
        return ()
    found: tuple[Path, ...] = (module,)
    for name in IMPORTED.findall(module.read_text(encoding="utf-8")):
        found += _with_imports(Path(normpath(module.parent / name)), (*known, *found))
    return found


@cache
def modules() -> tuple[list[str], list[str]]:
    """Return what the page is made of at first, and what is fetched later: named at once, not found one by one."""
    first = _with_imports(MAIN)
    return _addresses(first), _addresses(_with_imports(LATER, first))


def _addresses(files: Iterable[Path]) -> list[str]:
    return [file.relative_to(FOLDER).as_posix() for file in files]


@cache
def script() -> bytes:
    """Return folium's script for the map."""
    return empty_map().script.encode()


@cache
def styles() -> bytes:
    """Return the styles of the page in one: each file more would keep it from being painted."""
    of_map = [(MAP_STATIC / path, f"static/maps/{Path(path).parent.as_posix()}/") for path in empty_map().styles]
    texts = [RELATIVE.sub(f"url({place}", path.read_text(encoding="utf-8")) for path, place in of_map]
    return "\n".join([*texts, *(path.read_text(encoding="utf-8") for path in STYLES)]).encode()


@cache
def empty_map() -> "Parts":
    """Return the parts of a map without layers."""
    # folium takes long to import: the service is ready before the first page is asked for
    from gisgrid.maps.pages import GridMap, Surroundings  # noqa: PLC0415

    return GridMap(Surroundings(title="")).parts()


def viewer(
    request: Request, account: Account, sight: Sight, layers: Sequence[OwnLayer] = (), *, has_grid: bool = True
) -> str:
    """Return the viewer's page for whoever asks, with the cells that they see; `layers` are the office's own.

    Without a grid it tells how to begin.
    """
    parts = empty_map()
    first, later = modules()
    told = {**_settings(request, account, sight), **_own(layers), "hasGrid": has_grid}
    return ENGINE.get_template("viewer/viewer.html").render(
        **said(request),
        account=account,
        scripts=[f"static/maps/{path}" for path in parts.scripts],
        body=parts.body,
        modules=first,
        asked_first=_asked_first(request, account) if has_grid else [],
        settings=script_json({**told, "later": later}),
    )


def _asked_first(request: Request, account: Account) -> list[str]:
    """Return what the modules will ask for first, so that the browser asks before they are there.

    Where the address names another period, only they know.
    """
    if not account.caller.may("grid") or request.query_params.keys() & ASKED_BY_ADDRESS:
        return []
    settings: Settings = request.app.state.settings
    is_public = account.caller.kind == "public"
    last = datetime.now(settings.zone).date() - timedelta(days=is_public)
    days = f"{last - timedelta(days=DAYS - 1)}/{last}"
    figures = {"level": "all", "datetime": days, "compare": str(not is_public).lower()}
    may_coverage = account.caller.may("coverage")
    return [f"api/grid/outlines?day={last}", *([f"api/coverage?{urlencode(figures)}"] if may_coverage else [])]


def _settings(request: Request, account: Account, sight: Sight) -> dict[str, Any]:
    """Return what the modules go by: where a day begins, what the caller may ask for, at which level they begin.

    Beyond `gapS` or `lengthM` between two fixes nobody knows the way. `incidentsIn` are the cells in which, and below
    which, they answer for incidents; None is everywhere. `own` are the cells that they see, none where they see all.
    """
    settings: Settings = request.app.state.settings
    caller = account.caller
    return {
        "timezone": settings.timezone,
        "today": _today(settings.zone),
        "reachM": settings.reach_m,
        "gapS": settings.band_gap_s,
        "lengthM": settings.band_length_m,
        "classes": [asdict(item) for item in COVERAGE],
        "notAvailable": NOT_AVAILABLE,
        "may": [permission for permission in get_args(Permission) if caller.may(permission)],
        "incidentsIn": [role.cell_code for role in caller.roles if "incidents" in ROLES[role.name]],
        "level": _level(sight.answers),
        "own": [] if sight.everything else sorted(sight.codes),
        "base": base_told(settings, request.app.state.tiles),
        "isPublic": caller.kind == "public",
        "isDemonstration": caller.is_demonstration,
    }


def _today(zone: ZoneInfo) -> dict[str, str | float]:
    """Return the local day and its two ends, in milliseconds."""
    day = datetime.now(zone).date()
    its = Period.last_days(1, day, zone)
    return {
        "day": day.isoformat(),
        "zone": zone.key,
        "from": its.start.timestamp() * 1000,
        "to": its.end.timestamp() * 1000,
    }


def _own(layers: Sequence[OwnLayer]) -> dict[str, Any]:
    """Return what own layers can be switched on, and whether there is one of the sea."""
    names = ("name", "title_zh", "title_en", "kind")
    shown = [{name: getattr(layer, name) for name in names} for layer in layers if layer.name != SEA]
    return {"ownLayers": shown, "hasSea": any(layer.name == SEA for layer in layers)}


def _level(answers: Cells) -> str:
    """Return the highest level at which somebody answers for a cell."""
    if answers.streets or not (answers.communities or answers.substations):
        return "street"
    return "community" if answers.communities else "substation"
