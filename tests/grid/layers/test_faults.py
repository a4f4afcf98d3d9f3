import pytest
import shapely

from gisgrid.grid.layers.faults import KINDS, Fault, Unusable, area, code_of, length, only_faults, places_of, title_of


@pytest.mark.parametrize(
    ("metres", "text"),
    [(1234.4, "1,234 m"), (2, "2.00 m"), (0.3333, "0.33 m"), (0.031, "31 mm"), (0.00007, "0.07 mm")],
)
def test_lengths_are_written_with_the_digits_that_matter(metres: float, text: str) -> None:
    assert length(metres) == text


@pytest.mark.parametrize(
    ("square_metres", "text"),
    [(2_590_000, "2.59 km²"), (2600, "2,600 m²"), (33.4, "33.40 m²"), (0.04, "0.04 m²"), (0.001, "<0.01 m²")],
)
def test_areas_are_written_with_the_digits_that_matter(square_metres: float, text: str) -> None:
    assert area(square_metres) == text


def test_places_are_counted_in_english() -> None:
    assert [places_of(1), places_of(3)] == ["1 place", "3 places"]


def fault(**changes: object) -> Fault:
    return Fault("overlap", "重叠", "overlap", "改", "correct it", **changes)  # type: ignore[arg-type]


def test_size_and_place_are_empty_where_there_are_none() -> None:
    assert (fault().size, fault().where) == ("", "")


def test_size_and_place_are_in_plain_figures() -> None:
    told = fault(longitude=114.4, latitude=22.63, width_m=2.0, area_m2=2600.0)
    assert (told.size, told.where) == ("2.00 m · 2,600 m²", "114.400000, 22.630000")
    assert fault(count="21 / 22").size == "21 / 22"


def test_a_cell_without_a_code_is_named_by_its_row() -> None:
    assert code_of({"code": "", "row": 3}) == "#3"
    assert title_of({"code": "440307009", "name": "葵涌街道", "row": 1}) == "440307009 葵涌街道"


def test_an_unusable_file_says_what_and_what_to_do_in_both_languages() -> None:
    assert Unusable(fault()).description == "重叠。改 / overlap; correct it"


def test_notes_are_no_faults() -> None:
    assert only_faults([fault(is_note=True), fault(geometry=shapely.Point(0, 0))])[0].geometry is not None
    assert only_faults([fault(is_note=True)]) == []


def test_every_kind_has_two_headings() -> None:
    assert all(zh and en for zh, en in KINDS.values())
