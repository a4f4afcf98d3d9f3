"""Layers of a map. What is drawn goes into the page as JSON blocks and becomes text nodes: no markup, no template.

Each feature has `css` (class names; colours and line weights are in static/map.css), `title` and `rows` for its card.
Longitude first everywhere; this is the only file that knows folium's reversed order.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import folium
import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from folium.map import Layer
from folium.plugins import MarkerCluster
from folium.template import Template
from shapely.geometry.base import BaseGeometry

from gisgrid.geometry import label_place
from gisgrid.maps.offline import put_block

DECIMALS = 6  # of a degree: 0.1 m, finer than any source
LEVEL_NAMES = {"street": "街道 Street", "community": "社区 Community", "substation": "工作分站 Substation"}

Feature = dict[str, Any]
Rows = Sequence[tuple[str, str]]


def feature(geometry: BaseGeometry, *, css: str = "", **properties: Any) -> Feature:
    """Make a GeoJSON feature, rounded to DECIMALS; properties that are None are left out."""
    rounded = shapely.transform(geometry, lambda xy: np.round(xy, DECIMALS))
    kept = {key: value for key, value in properties.items() if value is not None}
    return {"type": "Feature", "geometry": shapely.geometry.mapping(rounded), "properties": {"css": css, **kept}}


class Features(Layer):
    """A layer of features drawn by `gisgrid.features` in static/map.js.

    `options` reach that function: `pane` (sea, land, cells, mask, lines, labels, marks, signs: bottom to top), `points`
    ("dot", "icon", "label"), `card` ("tooltip", "popup" or none), `keys` (False: the card is for pointers alone),
    `copies` (draw all once for each of these classes).
    """

    _template = Template("""
        {% macro script(this, kwargs) %}
            var {{ this.get_name() }} = gisgrid.features({{ this.block|tojson }}, {{ this.options|tojavascript }});
        {% endmacro %}
    """)

    def __init__(self, features: Iterable[Feature], **options: Any) -> None:
        super().__init__(overlay=True, control=False)
        self._name = "Features"
        self.block = ""
        self.features = list(features)
        self.options = options

    def render(self, **kwargs: Any) -> None:  # type: ignore[override]  # folium's own layers return None as well
        """Put the data into the page as a JSON block, then the script that draws it."""
        self.block = put_block(self, {"type": "FeatureCollection", "features": self.features})
        super().render(**kwargs)  # type: ignore[no-untyped-call]


def group(name: str, members: Iterable[Layer], *, exclusive: bool = False, show: bool = True) -> folium.FeatureGroup:
    """Layers switched together under one name; of the exclusive groups of a map one is shown at a time."""
    made = folium.FeatureGroup(name=name, overlay=not exclusive, show=show)
    for member in members:
        made.add_child(member)
    return made


def clusters(name: str, members: Iterable[Layer]) -> MarkerCluster:
    """Point layers whose near neighbours are drawn as one mark with a number."""
    made = MarkerCluster(  # type: ignore[no-untyped-call]
        name=name,
        icon_create_function="gisgrid.clusterIcon",
        show_coverage_on_hover=False,
        max_cluster_radius=52,
        cluster_pane="signs",
        disable_clustering_at_zoom=18,
        animate=False,  # labels stand beside marks: these must not be under way when they are looked at
    )
    made.default_css = MarkerCluster.default_css[:1]  # the second file only colours the marks: map.css does
    for member in members:
        made.add_child(member)
    return made


def fit(bounds: Sequence[float]) -> folium.FitBounds:
    """Show (west, south, east, north) on opening."""
    west, south, east, north = (float(value) for value in bounds)
    return folium.FitBounds([[south, west], [north, east]], padding=(24, 24))


def land(cells: gpd.GeoDataFrame) -> Features:
    """The ground under everything: the uppermost cells there are, with a pale rim that lifts them off the paper."""
    grounds = next((found for level in LEVEL_NAMES if len(found := at_level(cells, level))), cells)
    shapes = [feature(shape) for shape in grounds.geometry if drawable(shape)]
    return Features(shapes, pane="land", copies=["rim rim-wide", "rim rim-narrow", "land"])


def sea(shape: BaseGeometry) -> Features:
    """The sea, under the ground: it is drawn wherever the paper would show."""
    return Features([feature(shape)], pane="sea", copies=["sea"])


def borders(cells: gpd.GeoDataFrame, level: str) -> Features:
    """The borders of one level, heavier the higher the level; not interactive.

    A border that two cells share is drawn once: twice, the dashes of one would fill the gaps of the other.
    """
    edges = [shapely.boundary(shape) for shape in at_level(cells, level).geometry if drawable(shape)]
    lines = shapely.line_merge(shapely.union_all(edges))
    casing = {"street": ["casing"], "community": ["casing fine"]}.get(level, [])  # on dark ground a dark line is lost
    return Features([feature(lines)] if edges else [], pane="lines", copies=[*casing, f"border {level}"])


def areas(cells: gpd.GeoDataFrame, classes: Mapping[str, str], rows: Mapping[str, Rows]) -> Features:
    """Filled cells that answer to mouse, touch and keyboard with a card; `classes` and `rows` by code."""
    return Features(
        (
            feature(
                cell.geometry,
                css=f"cell {classes.get(cell.code, '')}",
                code=cell.code,
                title=cell.name,
                rows=rows.get(cell.code, ()),
            )
            for cell in rows_of(cells)
            if drawable(cell.geometry)
        ),
        pane="cells",
        card="tooltip",
    )


def labels(
    cells: gpd.GeoDataFrame,
    lines: Mapping[str, str] | None = None,
    classes: Mapping[str, str] | None = None,
    *,
    min_zoom: float = 0,
) -> Features:
    """Names of cells, each at the pole of inaccessibility of its largest part, with an optional second line by code.

    `classes` by code say what the label lies on: dark ground has light letters. Where two labels would overlap the
    smaller cell's gives way.
    """
    second, grounds = lines or {}, classes or {}
    made = []
    for cell in rows_of(cells):
        if drawable(cell.geometry):
            place, room = label_place(cell.geometry, DECIMALS)
            css = f"label {cell.level} {grounds.get(cell.code, '')}"
            text = second.get(cell.code)
            title = short_name(cell.name)
            told = {"code": cell.code if lines else None, "title": title, "text": text}
            made.append(feature(place, css=css, **told, min_zoom=min_zoom, room=room, rank=-room))
    return Features(made, pane="labels", points="label")


def mask_area(mask: BaseGeometry) -> Features:
    """The patrollable ground."""
    return Features([feature(mask, css="mask")], pane="mask")


def rows_of(frame: pd.DataFrame) -> Iterable[Any]:
    """The rows of a frame by attribute; their values have the types the frames are documented to have."""
    return frame.itertuples(index=False)


def at_level(cells: gpd.GeoDataFrame, level: str) -> gpd.GeoDataFrame:
    """The cells of one level."""
    return cells[cells["level"] == level]


def short_name(name: str) -> str:
    """A cell's name without the words that its level already says."""
    for ending in ("居委会", "工作分站"):
        if len(name) > len(ending) + 1:
            name = name.removesuffix(ending)
    return name


def drawable(shape: BaseGeometry | None) -> bool:
    """Whether there is anything to draw."""
    return shape is not None and not shape.is_empty
