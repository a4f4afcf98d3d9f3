"""The same cells and incidents as folium itself draws them, with its addresses answered from the vendored files."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import folium
from folium.plugins import MarkerCluster
from playwright.sync_api import Page, Route
from sqlalchemy import Engine

from gisgrid.coverage.report import coverage_report
from gisgrid.database import session_scope
from gisgrid.grid.locate import grid_on
from gisgrid.incidents.reports import incidents_frame
from gisgrid.maps.assets import STATIC
from gisgrid.maps.offline import ADDRESSES
from gisgrid.parameters import Period
from gisgrid.settings import Settings
from gisgrid.sight import EVERYTHING

SHADES = ("#ffffcc", "#a1dab4", "#41b6c4", "#2c7fb8", "#253494")


def stock_page(engine: Engine, settings: Settings) -> str:
    """Return folium's page: the substations shaded by their coverage, and a clustered marker for each incident.

    Its legend and popups would want d3 and jQuery, which are not at hand: it goes without.
    """
    period = Period.last_days(30, datetime.now(settings.zone).date(), settings.zone)
    with session_scope(engine, sight=EVERYTHING) as session:
        cells = grid_on(session).cells
        report = coverage_report(session, settings, level="substation", period=period)
        incidents = incidents_frame(session, period)
    shown = cells[cells["level"] == "substation"][["code", "name", "geometry"]]
    middle = shown.union_all().centroid
    drawn = folium.Map(location=(middle.y, middle.x), zoom_start=12, tiles=None, maxZoom=20)
    ratios = {cell.code: cell.coverage_ratio or 0.0 for cell in report.cells}
    folium.GeoJson(
        shown.to_json(),
        style_function=lambda cell: {"fillColor": _shade(ratios[cell["properties"]["code"]]), "fillOpacity": 0.7},
        tooltip=folium.GeoJsonTooltip(["name", "code"]),
    ).add_to(drawn)
    marks = MarkerCluster().add_to(drawn)
    for row in incidents.itertuples(index=False):
        folium.Marker((row.latitude, row.longitude), tooltip=f"{row.kind} {row.reported_at}").add_to(marks)
    return str(drawn.get_root().render())


def _shade(ratio: float) -> str:
    return SHADES[min(len(SHADES) - 1, int(ratio * len(SHADES)))]


@contextmanager
def answered(page: Page) -> Iterator[None]:
    """Answer folium's addresses at once: from the vendored files, others with nothing."""

    def answer(route: Route) -> None:
        file = ADDRESSES.get(route.request.url)
        if file:
            route.fulfill(path=STATIC / file)
        else:
            route.fulfill(status=200, body="")

    page.route(re.compile("^https:"), answer)
    yield
