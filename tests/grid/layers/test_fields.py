import numpy as np
import pandas as pd
import pytest

from gisgrid.grid.layers.faults import Unusable
from gisgrid.grid.layers.fields import Fields, find_fields, find_level_field, present, tidied, words


def frame(*columns: str, values: object = "x") -> pd.DataFrame:
    return pd.DataFrame({column: [values] for column in columns})


@pytest.mark.parametrize(
    ("columns", "level", "expected"),
    [
        (["code", "name", "parent_code"], "community", Fields("code", "name", None, "parent_code")),
        (["编码", "名称"], "street", Fields("编码", "名称")),
        (["BM", "MC", "SJBM"], "substation", Fields("BM", "MC", None, "SJBM")),
        # the same word is its own code in one layer and the parent's in another
        (["社区编码", "社区名称"], "community", Fields("社区编码", "社区名称")),
        (
            ["网格编码", "网格名称", "社区编码", "社区名称"],
            "substation",
            Fields("网格编码", "网格名称", None, "社区编码", "社区名称"),
        ),
        (["编号", "名称", "所属社区"], "substation", Fields("编号", "名称", None, "所属社区")),
        (["id", "Name", "description"], "community", Fields(None, "Name")),
        (["网格编码", "网格名称"], "street", Fields("网格编码", "网格名称")),
        (["BM", "区划名称"], "community", Fields("BM", "区划名称")),
        (["BM", "网格名"], "community", Fields("BM", "网格名")),
        (["code", "name", "level", "parent"], None, Fields("code", "name", "level", "parent")),
    ],
)
def test_usual_names_are_recognised(columns: list[str], level: str | None, expected: Fields) -> None:
    assert find_fields(frame(*columns), level, Fields(), "a.shp") == expected


def test_a_wish_comes_first() -> None:
    wished = Fields(code="B", name="A")
    assert find_fields(frame("code", "name", "A", "B"), "street", wished, "a.shp") == wished


def test_a_wish_may_be_in_other_capitals() -> None:
    assert find_fields(frame("BM", "x"), "street", Fields(code="bm"), "a.shp").code == "BM"
    assert find_level_field(frame("Kind"), Fields(level="KIND")) == "Kind"
    assert present(["a", "A"], Fields(code="A", name="b")) == (Fields("A"), ["b"])


@pytest.mark.parametrize(
    ("code", "plain"),
    [
        ("440307009001001.0", "440307009001001"),
        ("440307 009\u3000001", "440307009001"),
        ("V1.0", "V1.0"),
        ("7.5", "7.5"),
        ("", ""),
    ],
)
def test_codes_are_tidied(code: str, plain: str) -> None:
    assert tidied(code) == plain


def test_a_wish_that_is_not_there_is_told_with_what_is() -> None:
    with pytest.raises(Unusable, match=r"no field KOD \(there are: code, name\)"):
        find_fields(frame("code", "name"), "street", Fields(code="KOD"), "a.shp")


def test_a_field_of_official_codes_is_found_by_its_values() -> None:
    table = pd.DataFrame({"a": ["x"], "Name": [440307009001.0], "geometry": [None]})
    assert find_fields(table, "community", Fields(), "a.kml").code == "Name"


def test_two_fields_of_official_codes_are_one_too_many() -> None:
    table = pd.DataFrame({"a": ["440307009"], "b": ["440307009"]})
    assert find_fields(table, "street", Fields(), "a.kml").code is None


def test_the_level_field() -> None:
    assert find_level_field(frame("层级"), Fields()) == "层级"
    assert find_level_field(frame("kind"), Fields(level="kind")) == "kind"
    assert find_level_field(frame("kind"), Fields()) is None


@pytest.mark.parametrize(
    ("value", "word"),
    [
        (440307009001.0, "440307009001"),
        (440307009001001, "440307009001001"),
        (np.int64(7), "7"),
        (1.5, "1.5"),
        (" 葵涌 \0", "葵涌"),
        (None, ""),
        (float("nan"), ""),
        (pd.NA, ""),
        (pd.NaT, ""),
    ],
)
def test_values_become_trimmed_text(value: object, word: str) -> None:
    assert words(pd.DataFrame({"a": pd.Series([value], dtype=object)}), "a") == [word]


def test_no_field_gives_nothing() -> None:
    assert words(frame("a"), None) == [""]
