"""A folium figure without internet: every header link becomes a local file, an unknown address is an error.

Ids are numbered in drawing order, so that the same map is the same bytes; folium's own are random.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from branca.element import CssLink, Element, JavascriptLink
from branca.element import Figure as BrancaFigure
from folium.elements import ElementAddToElement

from gisgrid.errors import GisgridError
from gisgrid.maps.assets import script_json

# What folium and its plugins link to, and the vendored file that answers. Leaflet 1.9.4 only repairs 1.9.3;
# markercluster 1.5.3 is the release for Leaflet 1.9. Relative addresses are files of our own.
ADDRESSES = {
    "https://cdn.jsdelivr.net/npm/leaflet@1.9.3/dist/leaflet.js": "vendor/leaflet/leaflet.js",
    "https://cdn.jsdelivr.net/npm/leaflet@1.9.3/dist/leaflet.css": "vendor/leaflet/leaflet.css",
    "https://cdnjs.cloudflare.com/ajax/libs/leaflet.markercluster/1.1.0/leaflet.markercluster.js": (
        "vendor/leaflet.markercluster/leaflet.markercluster.js"
    ),
    "https://cdnjs.cloudflare.com/ajax/libs/leaflet.markercluster/1.1.0/MarkerCluster.css": (
        "vendor/leaflet.markercluster/MarkerCluster.css"
    ),
    **{own: own for own in ("map.js", "map.css", "timeline.js", "slider.js", "replay.js", "heat.js", "side.js")},
}


class UnknownAddress(GisgridError):
    """A layer asks for a file from the network that is not vendored."""


class Verbatim(Element):
    """Text that goes into the page as it is; branca would run it through Jinja once more."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text

    def render(self, **_kwargs: Any) -> str:
        """Return the text."""
        return self.text


@dataclass(frozen=True)
class Parts:
    """What a page consists of: local scripts and styles in loading order (paths under STATIC), markup, script."""

    scripts: tuple[str, ...]
    styles: tuple[str, ...]
    body: str
    script: str


class Figure(BrancaFigure):
    """The root of a map; `parts` renders it once, for inlining or for linking."""

    def parts(self) -> Parts:
        """Render the children and resolve every header link.

        Raises UnknownAddress for a link that is not vendored, and for any other markup in the header:
        plugins smuggle addresses in there.
        """
        _number(self)
        for part in (self.header, self.html, self.script):
            part._children.clear()
        for child in self._children.values():
            child.render()
        links = list(self.header._children.values())
        for link in links:
            if not isinstance(link, JavascriptLink | CssLink):
                raise _unknown(link.render().strip())
        return Parts(
            scripts=tuple(local_file(link.url) for link in links if isinstance(link, JavascriptLink)),
            styles=tuple(local_file(link.url) for link in links if isinstance(link, CssLink)),
            body=self.html.render(),
            script=self.script.render(),
        )


def put_block(element: Element, value: Any) -> str:
    """Put what an element draws into the page as a JSON block; return the block's id."""
    name = f"data_{element._id}"
    figure = element.get_root()
    assert isinstance(figure, Figure)  # noqa: S101  # folium says the same of its own layers
    block = f'<script type="application/json" id="{name}">{script_json(value)}</script>\n'
    figure.html.add_child(Verbatim(block), name=name)
    return name


def local_file(address: str) -> str:
    """Return the path under STATIC that answers for a network address; raise UnknownAddress."""
    try:
        return ADDRESSES[address]
    except KeyError:
        raise _unknown(address) from None


def _unknown(what: str) -> UnknownAddress:
    return UnknownAddress(
        f"地图要用网络上的文件，程序里没有它的副本：{what[:200]}",
        f"the map wants a file from the network of which there is no copy in the program: {what[:200]}",
    )


def _number(root: Element) -> None:
    for number, element in enumerate(_descendants(root)):
        element._id = f"{number:03d}"


def _descendants(element: Element) -> Iterator[Element]:
    for child in element._children.values():
        if not isinstance(child, ElementAddToElement):  # made while rendering: a second rendering would count them
            yield child
            yield from _descendants(child)
