from pathlib import Path

import pandas as pd
import pytest
import shapely
from playwright.sync_api import ViewportSize, expect

from gisgrid.maps.drawings import draw_faults, draw_grid, draw_incidents
from gisgrid.maps.pages import ILLUSTRATIVE, GridMap, page, write
from gisgrid.maps.tracks import draw_track
from tests.maps.builders import HOSTILE, SOUTH, WEST, Fault, cells, every_map, fixes, incidents
from tests.maps.conftest import Show
from tests.pages.axe import violations

NAMES = list(every_map("x"))
PHONE: ViewportSize = {"width": 360, "height": 640}


@pytest.mark.parametrize("name", NAMES)
def test_identical_input_gives_identical_bytes(name: str, tmp_path: Path) -> None:
    one, other = (write(every_map("图")[name], tmp_path / "maps" / file) for file in ("1.html", "2.html"))
    assert one.read_bytes() == other.read_bytes()


@pytest.mark.parametrize("name", NAMES)
def test_the_same_map_written_twice_is_the_same(name: str) -> None:
    drawing = every_map("图")[name]
    assert page(drawing) == page(drawing)


def test_the_page_may_be_zoomed_and_shows_no_flag() -> None:
    text = page(draw_grid(cells(), title="图"))
    assert '<meta name="viewport" content="width=device-width, initial-scale=1">' in text
    assert "user-scalable" not in text
    assert '"attributionControl": false' in text


@pytest.mark.parametrize("is_illustrative", [True, False])
def test_illustrative_cells_are_marked_so(is_illustrative: bool) -> None:
    text = page(draw_grid(cells(is_illustrative=is_illustrative), title="图"))
    assert (ILLUSTRATIVE in text) == is_illustrative


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_reaches_a_page_as_markup_or_template(text: str) -> None:
    harmless = every_map("x")
    for name, drawing in every_map(text).items():
        told = page(drawing)
        assert told.count("<") == page(harmless[name]).count("<"), name
        assert "{{ 7 * 7 }}" in told or "7 * 7" not in told, name


@pytest.mark.parametrize("name", NAMES)
def test_hostile_texts_do_not_run(show: Show, name: str) -> None:
    text = " ".join(HOSTILE)
    shown = show(every_map(text)[name])
    for reachable in shown.locator("path[role=button], .mark, .cluster").all():
        reachable.dispatch_event("click")
    for through in shown.get_by_role("slider").all():
        through.press("End")
    assert shown.evaluate("window.hacked") is None
    assert shown.get_by_role("heading", level=1).evaluate("it => it.textContent") == text
    assert "49" not in shown.locator("body").inner_text()  # {{ 7 * 7 }}


def crowded() -> dict[str, GridMap]:
    """Return maps whose marks lie on each other, or near."""
    near = [shapely.Point(WEST + 0.01 + number / 100_000, SOUTH + 0.01) for number in range(3)]
    days = range(10, 30)  # so many that the legend has several lines
    patrols = pd.concat([fixes(0, 60, patrol_id=day, start=f"2026-11-{day}T00:00:00Z") for day in days])
    return {
        "track": draw_track(cells(), patrols, title="轨迹"),
        "incidents": draw_incidents(cells(), incidents("甲"), title="事件"),
        "faults": draw_faults(cells(), [Fault("错", geometry=each) for each in near], title="检查"),
    }


@pytest.mark.parametrize("name", crowded())
def test_what_keys_and_fingers_reach_is_large_enough(show: Show, name: str) -> None:
    shown = show(crowded()[name])
    expect(shown.locator(".mark").first).to_be_visible()
    assert violations(shown, "target-size") == []
    sizes = shown.locator(".mark[tabindex]").evaluate_all("marks => marks.map(mark => mark.offsetWidth)")
    assert sizes == ([24] if name == "incidents" else [])


@pytest.mark.parametrize("name", NAMES)
def test_on_a_phone_nothing_is_cut_off(show: Show, name: str) -> None:
    shown = show(every_map("葵涌")[name])
    shown.set_viewport_size(PHONE)
    shown.reload()
    assert shown.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    for drawing in shown.locator(".map").all():
        box = drawing.bounding_box()
        assert box
        assert box["height"] > 100
