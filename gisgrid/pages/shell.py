"""The viewer's page: folium makes the map, as linked parts without inline script or style; own modules fill it.

The same settings give the same bytes, so that browsers may keep them.
"""

from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import jinja2

from gisgrid.maps.assets import script_json
from gisgrid.maps.classes import COVERAGE, NOT_AVAILABLE

if TYPE_CHECKING:
    from gisgrid.maps.offline import Parts

FOLDER = Path(__file__).parent
ENGINE = jinja2.Environment(loader=jinja2.FileSystemLoader(FOLDER / "templates"), autoescape=True, trim_blocks=True)


@cache
def empty_map() -> "Parts":
    """Return the parts of a map without layers."""
    # folium takes long to import: the service is ready before the first page is asked for
    from gisgrid.maps.pages import GridMap, Surroundings  # noqa: PLC0415

    return GridMap(Surroundings(title="")).parts()


def viewer(timezone: str, reach_m: float) -> str:
    """Return the viewer's page. `timezone` says where a day begins; `reach_m` how far round a fix counts as seen."""
    settings = {
        "timezone": timezone,
        "reachM": reach_m,
        "classes": [asdict(item) for item in COVERAGE],
        "notAvailable": NOT_AVAILABLE,
    }
    parts = empty_map()
    return ENGINE.get_template("viewer.html").render(
        styles=[f"static/maps/{path}" for path in parts.styles],
        scripts=[f"static/maps/{path}" for path in parts.scripts],
        body=parts.body,
        settings=script_json(settings),
    )
