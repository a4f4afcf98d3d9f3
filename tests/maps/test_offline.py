import csv
import hashlib
from pathlib import Path

import folium
import pytest
from branca.element import JavascriptLink, MacroElement
from folium.template import Template

from gisgrid.maps.assets import STATIC, inlined
from gisgrid.maps.offline import ADDRESSES, Figure, UnknownAddress, local_file

TESTS = Path(__file__).parents[1]
VENDORS = [STATIC / "vendor", TESTS.parent / "gisgrid" / "pages" / "static" / "vendor", TESTS / "vendor"]


def table(folder: Path) -> list[dict[str, str]]:
    with (folder / "vendor.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


@pytest.mark.parametrize("folder", VENDORS, ids=["maps", "pages", "tests"])
def test_vendored_files_are_those_of_the_table(folder: Path) -> None:
    rows = table(folder)
    assert {row["file"]: row["sha256"] for row in rows} == {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file() and path.name != "vendor.csv"
    }
    for row in rows:
        assert row["version"]
        assert row["licence"]
        assert (folder / Path(row["file"]).parent / "LICENSE").exists()


def test_every_address_has_its_file_and_every_vendored_script_its_address() -> None:
    assert all((STATIC / path).is_file() for path in ADDRESSES.values())
    assert {f"vendor/{row['file']}" for row in table(STATIC / "vendor") if not row["file"].endswith("LICENSE")} <= set(
        ADDRESSES.values()
    )


@pytest.mark.parametrize("path", sorted(set(ADDRESSES.values())))
def test_an_inlined_file_neither_ends_its_element_nor_asks_for_another(path: str) -> None:
    text = inlined(path)
    assert "</script" not in text
    assert "</style" not in text
    assert "sourceMappingURL" not in text
    assert "@import" not in text


def test_an_unknown_address_is_named_in_the_error() -> None:
    with pytest.raises(UnknownAddress, match=r"https://cdn\.example/x\.js"):
        local_file("https://cdn.example/x.js")


def test_folium_as_it_is_would_need_the_network() -> None:
    figure = Figure()
    figure.add_child(folium.Map(location=(0, 0), tiles=None))
    with pytest.raises(UnknownAddress):
        figure.parts()


class Smuggler(MacroElement):
    """Writes its address into the header by itself, as some plugins do."""

    _template = Template('{% macro header(this, kwargs) %}<link href="//cdn.example/x.css">{% endmacro %}')


def test_markup_smuggled_into_the_header_is_refused() -> None:
    figure = Figure()
    figure.add_child(Smuggler())
    with pytest.raises(UnknownAddress, match=r"cdn\.example"):
        figure.parts()


def test_links_become_local_files_in_loading_order() -> None:
    figure = Figure()
    leaflet = next(address for address in ADDRESSES if address.endswith("leaflet.js"))

    class Needs(MacroElement):
        def render(self, **_: object) -> None:  # type: ignore[override]
            figure.header.add_child(JavascriptLink(leaflet), name="leaflet")
            figure.header.add_child(JavascriptLink("map.js"), name="map")

    figure.add_child(Needs())
    assert figure.parts().scripts == ("vendor/leaflet/leaflet.js", "map.js")


def test_ids_are_numbered_in_drawing_order_at_every_rendering() -> None:
    figure, outer, inner, last = Figure(), folium.FeatureGroup("a"), folium.FeatureGroup("b"), folium.FeatureGroup("c")
    outer.add_child(inner)
    figure.add_child(outer)
    figure.add_child(last)
    for _ in range(2):
        figure.parts()
        assert [element._id for element in (outer, inner, last)] == ["000", "001", "002"]
