"""The viewer's page: folium makes the map, as linked parts without inline script or style; own modules fill it."""

from dataclasses import asdict
from functools import cache
from typing import TYPE_CHECKING, Any, get_args

from fastapi import Request

from gisgrid.maps.assets import script_json
from gisgrid.maps.classes import COVERAGE, NOT_AVAILABLE
from gisgrid.pages.frame import ENGINE, Account, said
from gisgrid.settings import Settings
from gisgrid.sight import Cells
from gisgrid.staff.roles import ROLES, Permission

if TYPE_CHECKING:
    from gisgrid.maps.offline import Parts


@cache
def empty_map() -> "Parts":
    """Return the parts of a map without layers."""
    # folium takes long to import: the service is ready before the first page is asked for
    from gisgrid.maps.pages import GridMap, Surroundings  # noqa: PLC0415

    return GridMap(Surroundings(title="")).parts()


def viewer(request: Request, account: Account, answers: Cells) -> str:
    """Return the viewer's page for whoever asks; `answers` are the cells they answer for."""
    parts = empty_map()
    return ENGINE.get_template("viewer.html").render(
        **said(request),
        account=account,
        styles=[f"static/maps/{path}" for path in parts.styles],
        scripts=[f"static/maps/{path}" for path in parts.scripts],
        body=parts.body,
        settings=script_json(_settings(request, account, answers)),
    )


def _settings(request: Request, account: Account, answers: Cells) -> dict[str, Any]:
    """Return what the modules go by: where a day begins, what the caller may ask for, at which level they begin.

    `incidentsIn` are the cells in which, and below which, they answer for incidents; None is everywhere.
    """
    settings: Settings = request.app.state.settings
    caller = account.caller
    return {
        "timezone": settings.timezone,
        "reachM": settings.reach_m,
        "classes": [asdict(item) for item in COVERAGE],
        "notAvailable": NOT_AVAILABLE,
        "may": [permission for permission in get_args(Permission) if caller.may(permission)],
        "incidentsIn": [role.cell_code for role in caller.roles if "incidents" in ROLES[role.name]],
        "level": _level(answers),
        "isPublic": caller.kind == "public",
        "isDemonstration": caller.is_demonstration,
    }


def _level(answers: Cells) -> str:
    """Return the highest level at which somebody answers for a cell."""
    if answers.streets or not (answers.communities or answers.substations):
        return "street"
    return "community" if answers.communities else "substation"
