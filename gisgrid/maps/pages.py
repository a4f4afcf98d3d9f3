"""A map as a page: title, note, legend and the map itself, in one file that opens from disk."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import folium
import jinja2
from folium.template import Template
from markupsafe import escape

from gisgrid.files import put
from gisgrid.maps.assets import inlined
from gisgrid.maps.offline import Figure, Parts

ILLUSTRATIVE = "示意数据，非测绘成果 / illustrative, not survey data"
ENGINE = jinja2.Environment(
    loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"), autoescape=True, trim_blocks=True
)


@dataclass(frozen=True)
class LegendEntry:
    """One line of a legend: the CSS classes of its swatch, its text, and the letter on the swatch.

    With `only`, a class name of what it stands for, it is a button that hides all else of its kind.
    """

    css: str
    label: str
    sign: str = ""
    only: str = ""


@dataclass(frozen=True)
class Place:
    """One line of a list of places: what is there, and where (degrees; None where there is no place)."""

    zh: str
    en: str
    longitude: float | None
    latitude: float | None


@dataclass(frozen=True)
class Timeline:
    """The controls of a map through time: what they are for, the last value of the range, what is told at the first.

    With `speeds` one is chosen; `step` is how far a key moves the range.
    """

    name: str
    last: int
    first: str
    step: int = 1
    speeds: Sequence[int] = ()
    speed: int = 1


@dataclass
class Surroundings:
    """What stands round a map: title, line below it, notes, legend, list of places, controls. Any text is allowed."""

    title: str
    subtitle: str = ""
    notes: Sequence[str] = ()
    legend: Mapping[str, Sequence[LegendEntry]] = field(default_factory=dict)
    places: Sequence[Place] = ()
    timeline: Timeline | None = None


class GridMap(folium.Map):
    """folium's map without its viewport (which forbids zooming), inline styles, jQuery, Bootstrap and icon fonts.

    With a `caption` it is one of several in a page, one above the other if they are `wide`. The template names maxZoom:
    without tiles Leaflet knows none, and markercluster then drops the layers after it.
    """

    _template = Template("""
        {% macro html(this, kwargs) %}
            {%- if this.caption %}<section class="{{ this.css }}"><h2>{{ this.heading }}</h2>{% endif -%}
            <div class="map" id={{ this.get_name()|tojson }}></div>
            {%- if this.caption %}</section>{% endif -%}
        {% endmacro %}
        {% macro script(this, kwargs) %}
            var {{ this.get_name() }} = gisgrid.map({{ this.get_name()|tojson }}, {
                center: {{ this.location|tojson }}, maxZoom: 20, minZoom: 8,
                ...{{ this.options|tojavascript }}
            });
        {% endmacro %}
    """)
    default_js = [("leaflet", folium.folium._default_js[0][1]), ("gisgrid", "map.js")]  # noqa: RUF012
    default_css = [("leaflet_css", folium.folium._default_css[0][1]), ("gisgrid_css", "map.css")]  # noqa: RUF012

    def __init__(self, surroundings: Surroundings, *, caption: str = "", wide: bool = False, **options: Any) -> None:
        super().__init__(
            location=(0, 0), tiles=None, zoom_snap=0.25, zoom_delta=0.5, zoom_control=False,
            attribution_control=False, **options,
        )  # fmt: skip
        self.surroundings = surroundings
        self.caption = caption
        self.css = "half wide" if wide else "half"
        self.figure = Figure()
        self.figure.add_child(self)

    @property
    def heading(self) -> str:
        """The caption as markup that stands a second run through Jinja, as branca does."""
        return str(escape(self.caption)).replace("{", "&#123;")

    def stand_beside(self, other: "GridMap") -> None:
        """Take another map into the page of this one."""
        self.figure.add_child(other)
        other.figure = self.figure

    def parts(self) -> Parts:
        """Render the map; see `offline.Figure.parts`."""
        return self.figure.parts()


def page(drawing: GridMap) -> str:
    """Return the whole page as HTML, everything inlined: identical text for an identical map."""
    parts = drawing.parts()
    return ENGINE.get_template("page.html").render(
        page=drawing.surroundings,
        styles=[inlined(path) for path in parts.styles],
        scripts=[inlined(path) for path in parts.scripts],
        body=parts.body,
        script=parts.script,
    )


def write(drawing: GridMap, path: Path) -> Path:
    """Write the page to `path` (UTF-8, folder made if missing) and return it. Raises NotWritten."""
    put(path, page(drawing).encode())
    return path
