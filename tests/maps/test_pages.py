from pathlib import Path

import pytest

from gisgrid.maps.drawings import draw_coverage, draw_grid
from gisgrid.maps.pages import ILLUSTRATIVE, page, write
from tests.maps.builders import HOSTILE, cells, checkpoints, figures


def test_identical_input_gives_identical_bytes(tmp_path: Path) -> None:
    one, other = (
        write(draw_grid(cells(), checkpoints("a", "b"), title="图"), tmp_path / "maps" / name)
        for name in ("1.html", "2.html")
    )
    assert one.read_bytes() == other.read_bytes()


def test_the_same_map_written_twice_is_the_same() -> None:
    drawing = draw_grid(cells(), title="图")
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
def test_no_text_reaches_the_page_as_markup_or_template(text: str) -> None:
    hostile = page(draw_coverage(cells(name=text), figures({"1A": 0.5}), title=text, period_text=text, notes=[text]))
    harmless = page(draw_coverage(cells(name="x"), figures({"1A": 0.5}), title="x", period_text="x", notes=["x"]))
    assert hostile.count("<") == harmless.count("<")
    assert "{{ 7 * 7 }}" in hostile or "7 * 7" not in text
