import geopandas as gpd
import pytest
import shapely

from gisgrid.grid.layers.codes import Background, code_faults, count_faults
from gisgrid.grid.layers.faults import Fault
from tests.grid.builders import nested_squares


def cells(**codes: str) -> gpd.GeoDataFrame:
    """The small grid with some codes changed: the code of what was, with an underscore before it, names the cell."""
    frame = nested_squares().assign(file="a.shp", row=range(1, 11))
    changes = {old.removeprefix("_"): new for old, new in codes.items()}
    return frame.assign(
        code=[changes.get(code, code) for code in frame["code"]], parent_code=frame["parent_code"].fillna("")
    )


def faults_of(frame: gpd.GeoDataFrame, *, any_code: bool = False) -> list[Fault]:
    return code_faults(frame, any_code=any_code)


def test_official_codes_are_fine() -> None:
    assert faults_of(cells()) == []


@pytest.mark.parametrize(
    ("cell", "code", "said"),
    [
        ("_440307009001002", "", "it has no code"),
        ("_440307009001002", "44030700900100", "has 15 digits"),
        ("_440307009001002", "44030700900100A", "has 15 digits"),
        ("_440307009001002", "4.40307E+14", "a spreadsheet has turned it into a number"),
        ("_440307009002", "440307009002001", "the code of a community has 12 digits"),
    ],
)
def test_ill_formed_codes_are_found(cell: str, code: str, said: str) -> None:
    first, *_ = faults_of(cells(**{cell: code}))
    assert said in first.en
    assert first.where.startswith("114.")
    assert first.file == "a.shp"
    assert first.codes == (code or "#4",)


def test_any_code_goes_when_that_is_the_rule() -> None:
    assert faults_of(cells(_440307009001002="KC-葵涌/2"), any_code=True) == []


@pytest.mark.parametrize("code", ["", "KC 2", "a\tb", "x" * 65])
def test_even_then_a_code_is_one_short_word(code: str) -> None:
    assert [fault.kind for fault in faults_of(cells(_440307009001002=code), any_code=True)] == ["code"]


def test_a_code_used_twice_is_found_at_all_levels() -> None:
    (fault,) = faults_of(cells(_440307009001002="440307009001001"))
    assert fault.codes == ("440307009001001",)
    second = cells().set_index("code").geometry["440307009001002"]
    assert second.contains(shapely.Point(fault.longitude, fault.latitude))
    assert "used 2 times (a.shp #3, a.shp #4)" in fault.en
    (other,) = faults_of(cells(_440307009002="440307009"), any_code=True)
    assert other.codes == ("440307009",)


def test_a_code_that_does_not_follow_its_parents_is_a_note() -> None:
    (note,) = faults_of(cells(_440307009001002="440307009003009"))
    assert note.is_note
    assert "does not begin with that of its parent, 440307009001" in note.en


@pytest.mark.parametrize(
    ("expected", "said", "count"),
    [
        ({"substation": 7}, "7 substation cells are expected, 6 found: 1 missing", "6 / 7"),
        ({"community": 1}, "1 community cells are expected, 3 found: 2 too many", "3 / 1"),
    ],
)
def test_counts(expected: dict[str, int], said: str, count: str) -> None:
    (fault,) = count_faults(cells(), expected)
    assert (fault.en, fault.size, fault.file) == (said, count, "a.shp")


def test_the_counts_that_were_found_are_proposed() -> None:
    (fault,) = count_faults(cells(), {"street": 1, "community": 3, "substation": 7})
    assert "--expect 1/3/6" in fault.remedy_zh
    assert "--expect 1/3/6" in fault.remedy_en


@pytest.mark.parametrize(("wanted", "faults"), [(7, 0), (5, 1)])
def test_cells_missing_with_an_unread_file_are_no_news(wanted: int, faults: int) -> None:
    unread = Background(unread={"substation"})
    assert len(count_faults(cells(), {"substation": wanted}, unread)) == faults


@pytest.mark.parametrize("code", ["", "A1"])
def test_a_file_without_any_good_code_is_one_fault(code: str) -> None:
    frame = cells()
    frame["code"] = [code if len(old) == 15 else old for old in frame["code"]]
    fault, *others = code_faults(frame, any_code=False, background=Background({"a.shp": ("FID", "BM2")}))
    assert "FID, BM2" in fault.en
    assert "--code-field" in fault.remedy_en
    assert len(fault.codes) == 6
    assert all("used 6 times" in other.en for other in others if not other.is_note)


def test_right_counts_are_fine() -> None:
    assert count_faults(cells(), {"street": 1, "community": 3, "substation": 6}) == []


def test_a_level_that_is_missing_may_be_derived() -> None:
    frame = cells()
    (fault,) = count_faults(frame[frame["level"] != "community"], {"community": 3})
    assert "--derive-parents" in fault.remedy_en
    asked = Background(derived=["community"])
    (fault,) = count_faults(frame[frame["level"] != "community"], {"community": 3}, asked)
    assert "--derive-parents" not in fault.remedy_en
    (fault,) = count_faults(frame[frame["level"] == "street"], {"community": 3})
    assert "--derive-parents" not in fault.remedy_en, "there is nothing to derive it from"
