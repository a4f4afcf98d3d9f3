import geopandas as gpd
import numpy as np
import pytest
import shapely

from gisgrid.grid.layers.parents import find_parents
from gisgrid.grid.layers.proposals import invented_communities, make_codes, reading_order
from tests.grid.builders import nested_squares, only


def cells(keep: tuple[str, ...] = ()) -> gpd.GeoDataFrame:
    """The small grid, its cells in any order, without the codes of communities and substations but those to keep."""
    frame = nested_squares(2, 3, 2).sample(frac=1, random_state=4).reset_index(drop=True)
    kept = [code if code in keep or len(code) == 9 else "" for code in frame["code"]]
    return frame.assign(right=frame["code"], code=kept, parent_code="", file="a.shp", row=range(1, len(frame) + 1))


def numbered(frame: gpd.GeoDataFrame, street_code: str | None = None) -> gpd.GeoDataFrame:
    parents, _ = find_parents(frame)
    return make_codes(frame, parents, street_code)[0]


def test_codes_run_west_to_east_then_north_to_south_inside_each_parent() -> None:
    found = numbered(cells())
    assert found["code"].tolist() == found["right"].tolist()


def test_what_was_made_is_told() -> None:
    frame = cells(keep=("440307009001",))
    parents, _ = find_parents(frame)
    _, made = make_codes(frame, parents)
    assert len(made) == 13
    assert [proposal.code for proposal in made] == sorted(
        (proposal.code for proposal in made), key=lambda c: (len(c), c)
    )
    assert all(proposal.before == "" for proposal in made)
    assert {proposal.level for proposal in made} == {"community", "substation"}


@pytest.mark.parametrize(("keep", "notes"), [((), 1), (("440307009001", "440307009002"), 0)])
def test_made_codes_of_communities_are_called_unofficial(keep: tuple[str, ...], notes: int) -> None:
    frame = cells(keep)
    found = invented_communities(make_codes(frame, find_parents(frame)[0])[1])
    assert len(found) == notes
    assert all(note.is_note for note in found)


def test_a_number_that_is_taken_is_not_given_again() -> None:
    frame = cells(keep=("440307009002", "440307009002001"))
    found = numbered(frame)
    assert found["code"].is_unique
    west = found.loc[found["right"] == "440307009001", "code"].iloc[0]
    assert west == "440307009001"
    second = found[found["right"].str.startswith("440307009002") & (found["level"] == "substation")]
    assert sorted(second["code"]) == [f"44030700900200{number}" for number in range(1, 7)]


def test_ill_formed_codes_are_replaced_and_told() -> None:
    frame = cells()
    frame["code"] = ["葵-" + right[-3:] if len(right) == 15 else right for right in frame["right"]]
    parents, _ = find_parents(frame)
    found, made = make_codes(frame, parents)
    assert found["code"].tolist() == frame["right"].tolist()
    assert {proposal.before for proposal in made} == {f"葵-00{number}" for number in range(1, 7)}


def test_a_street_without_a_code_gets_the_one_that_is_named() -> None:
    frame = cells()
    frame["code"] = ""
    assert numbered(frame)["code"].tolist() == [""] * len(frame)
    assert numbered(frame, "440307009")["code"].tolist() == frame["right"].tolist()


def squares(*corners: tuple[float, float], side: float = 1.0) -> list[shapely.Polygon]:
    return [shapely.box(x, y, x + side, y + side) for x, y in corners]


@pytest.mark.parametrize(
    ("shapes", "order"),
    [
        (squares((0, 1), (1, 1), (0, 0), (1, 0)), [0, 1, 2, 3]),
        (squares((1, 0), (0, 0), (1, 1), (0, 1)), [3, 2, 1, 0]),
        # one row, though each lies a little further north than the one before
        (squares((0, 0), (1, 0.3), (2, 0.4)), [0, 1, 2]),
        # a row begins where the middle lies south of the northernmost's foot
        (squares((0, 0), (1, 0.6)), [1, 0]),
        ([shapely.box(0, 0, 9, 9)], [0]),
        ([], []),
    ],
)
def test_reading_order(shapes: list[shapely.Polygon], order: list[int]) -> None:
    assert reading_order(np.array(shapes, dtype=object)).tolist() == order


def test_the_builders_codes_follow_the_rule_themselves() -> None:
    layer = only(nested_squares(1, 3, 2), "substation")
    assert reading_order(layer.geometry.to_numpy()).tolist() == list(range(6))
