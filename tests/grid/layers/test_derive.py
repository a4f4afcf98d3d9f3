import geopandas as gpd
import pandas as pd
import pytest
import shapely

from gisgrid.grid.layers.derive import derive_parents, dissolved, missing_levels
from gisgrid.grid.layers.faults import Unusable
from tests.grid.builders import nested_squares, only

CELLS = nested_squares(3, 2, 2)


def substations(**columns: object) -> gpd.GeoDataFrame:
    """The finest level alone, saying nothing of parents unless told."""
    layer = only(CELLS, "substation")
    plain = layer.assign(parent_code="", parent_name="", note="", file="a.shp", row=range(1, len(layer) + 1))
    return plain.assign(**columns)


def same_ground(one: gpd.GeoDataFrame, other: gpd.GeoDataFrame) -> bool:
    pairs = pd.merge(one, other, on="code", how="outer", validate="1:1")
    return bool(shapely.equals(pairs["geometry_x"].to_numpy(), pairs["geometry_y"].to_numpy()).all())


@pytest.mark.parametrize(
    ("levels", "missing"),
    [
        (["substation"], [("community", "substation"), ("street", "community")]),
        (["street", "substation"], [("community", "substation")]),
        (["community", "substation"], [("street", "community")]),
        (["street", "community"], []),
        ([], []),
    ],
)
def test_missing_levels(levels: list[str], missing: list[tuple[str, str]]) -> None:
    assert missing_levels(CELLS[CELLS["level"].isin(levels)]) == missing


def test_parents_are_dissolved_by_the_structure_of_codes() -> None:
    derived = derive_parents(substations())
    assert derived["level"].value_counts().to_dict() == {"street": 1, "community": 3, "substation": 12}
    assert same_ground(derived, CELLS)
    assert derived.crs == CELLS.crs


def test_every_vertex_of_the_children_stays_on_the_parents_border() -> None:
    derived = derive_parents(substations())
    street = only(derived, "street").geometry[0]
    corners = {tuple(xy) for xy in shapely.get_coordinates(street)}
    assert len(corners) == 16, "a border of 6 × 2 squares has sixteen corners of squares on it"


def test_parents_are_dissolved_by_a_field_of_names() -> None:
    layer = substations()
    named = layer.assign(parent_code=["社区" + code[11] for code in layer["code"]])
    derived = derive_parents(named, street_code="440307009")
    communities = only(derived, "community")
    assert communities[["code", "name"]].to_numpy().tolist() == [
        [f"44030700900{number}", f"社区{number}"] for number in (1, 2, 3)
    ]
    assert only(derived, "street")["code"].tolist() == ["440307009"]


@pytest.mark.parametrize("change", [{"440307009001002": "440307009002009"}, {"440307009001002": ""}])
def test_codes_of_children_that_do_not_agree_give_none(change: dict[str, str]) -> None:
    layer = substations()
    named = layer.assign(parent_code=["社区" + code[11] for code in layer["code"]]).replace({"code": change})
    derived = derive_parents(named, street_code="440307009")
    assert only(derived, "community")["code"].tolist() == ["", "440307009002", "440307009003"]


def test_children_know_their_derived_parents_by_code_or_by_name() -> None:
    layer = substations()
    numbers = [code[11] for code in layer["code"]]
    opaque = layer.assign(
        code=[f"x{row}" for row in range(12)],
        parent_code=[f"SQ{number}" for number in numbers],
        parent_name=[f"社区{number}" for number in numbers],
    )
    derived = derive_parents(opaque, street_code="440307009")
    assert only(derived, "community")["code"].tolist() == ["SQ1", "SQ2", "SQ3"]
    assert set(only(derived, "substation")["parent_code"]) == {"SQ1", "SQ2", "SQ3"}
    named = derive_parents(opaque.assign(parent_code=opaque["parent_name"]), street_code="440307009")
    assert set(only(named, "substation")["parent_code"]) == {"社区1", "社区2", "社区3"}


def test_a_parents_name_comes_from_the_childrens_field() -> None:
    layer = substations()
    derived = derive_parents(
        layer.assign(parent_name=["葵涌社区" if code[11] == "1" else "" for code in layer["code"]])
    )
    assert only(derived, "community")["name"].tolist() == ["葵涌社区", "440307009002", "440307009003"]


def test_an_illustrative_child_makes_an_illustrative_parent() -> None:
    derived = derive_parents(substations(is_illustrative=[True] + [False] * 11))
    assert derived.groupby("level")["is_illustrative"].sum().to_dict() == {"community": 1, "street": 1, "substation": 1}


def test_a_child_that_tells_nothing_cannot_be_dissolved() -> None:
    with pytest.raises(Unusable, match="--parent-field") as error:
        derive_parents(substations(code="7"))
    assert error.value.fault.codes == ("7",)


def test_levels_that_are_there_are_kept() -> None:
    layer = pd.concat([substations(), only(CELLS, "street").assign(parent_name="", note="", file="b", row=1)])
    derived = derive_parents(gpd.GeoDataFrame(layer, geometry="geometry", crs=CELLS.crs))
    assert only(derived, "street")["file"].tolist() == ["b"]
    assert same_ground(derived, CELLS)


def test_neighbours_that_do_not_match_are_dissolved_all_the_same() -> None:
    overlapping = [shapely.box(0, 0, 2, 1), shapely.box(1, 0, 3, 1)]
    assert dissolved(overlapping).equals(shapely.box(0, 0, 3, 1))
