import geopandas as gpd
import pytest
import shapely

from gisgrid.grid.layers.parents import NONE, find_parents, identified, linked
from tests.grid.builders import nested_squares


def cells(**said: str) -> gpd.GeoDataFrame:
    """The small grid, every parent left to be found but those that are said."""
    frame = nested_squares().assign(file="a.shp", row=range(1, 11))
    parents = {code.removeprefix("_"): parent for code, parent in said.items()}
    return frame.assign(parent_code=[parents.get(code, "") for code in frame["code"]])


def parents_of(frame: gpd.GeoDataFrame) -> dict[str, str | None]:
    found, faults = find_parents(frame)
    assert faults == []
    return dict(zip(frame["code"], linked(frame, found)["parent_code"], strict=True))


def test_where_nothing_is_said_the_shapes_tell() -> None:
    frame = nested_squares()
    expected = dict(zip(frame["code"], frame["parent_code"].where(frame["parent_code"].notna(), None), strict=True))
    assert parents_of(cells()) == expected


@pytest.mark.parametrize("said", ["440307009003", "440307009003.0", "440307 009003", "社区3"])
def test_what_is_said_counts_more_than_the_shape(said: str) -> None:
    assert parents_of(cells(_440307009001001=said))["440307009001001"] == "440307009003"


def test_the_larger_part_decides() -> None:
    frame = cells()
    west, south, east, north = frame.loc[frame["code"] == "440307009001002", "geometry"].iloc[0].bounds
    moved = shapely.box(west + 0.4 * (east - west), south, east + 0.4 * (east - west), north)
    frame.loc[frame["code"] == "440307009001002", "geometry"] = moved
    assert parents_of(frame)["440307009001002"] == "440307009001"


def test_an_unknown_or_ambiguous_parent_is_a_fault() -> None:
    frame = cells(_440307009001001="440307009009", _440307009001002="社区")
    frame["name"] = frame["name"].replace({"社区1": "社区", "社区2": "社区"})
    found, faults = find_parents(frame)
    assert [fault.codes for fault in faults] == [("440307009001001",), ("440307009001002",)]
    assert "its parent 440307009009 is not one of the community cells" in faults[0].en
    assert faults[0].kind == "parent"
    assert (found[frame["code"].isin([fault.codes[0] for fault in faults])] == NONE).all()


def test_a_cell_beside_all_parents_is_an_orphan() -> None:
    frame = cells()
    frame.loc[frame["code"] == "440307009003002", "geometry"] = shapely.box(115, 22, 115.1, 22.1)
    _, (fault,) = find_parents(frame)
    assert fault.en == "440307009003002 分站3-2: it lies in no community"
    assert fault.where.startswith("115.05")


def test_identifiers_are_there_and_unique_whatever_the_codes() -> None:
    frame = cells()
    frame["code"] = ["" if len(code) == 12 else "7" if len(code) == 15 else code for code in frame["code"]]
    found, _ = find_parents(frame.assign(row=1))
    known = identified(linked(frame.assign(row=1), found))
    assert known["code"].is_unique
    assert known.loc[frame["level"] == "community", "code"].tolist() == ["#1", "#1 (2)", "#1 (3)"]
    assert known["parent_code"].tolist() == [
        None if row == NONE else code for row, code in zip(found, known["code"].to_numpy()[found], strict=True)
    ]
    assert identified(frame) is frame


def test_a_missing_level_makes_no_orphans() -> None:
    frame = cells()
    frame = frame[frame["level"] == "substation"].reset_index(drop=True)
    found, faults = find_parents(frame)
    assert faults == []
    assert (found == NONE).all()
    assert linked(frame, found)["parent_code"].tolist() == [None] * 6
