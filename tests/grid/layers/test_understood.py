"""What is said of a layer's fields, on real files."""

from pathlib import Path

import pytest

from gisgrid.grid.layers.faults import Fault
from gisgrid.grid.layers.fields import Fields
from gisgrid.grid.layers.gather import Gathered, Reading, gather
from tests.grid.builders import METRIC, nested_squares, only

CELLS = nested_squares()


def written(folder: Path, level: str, stem: str = "", **renamed: str) -> str:
    """The cells of a level in a file, with code, name and what else is renamed."""
    path = folder / f"{stem or level}.gpkg"
    only(CELLS, level)[[*renamed, "geometry"]].rename(columns=renamed).to_file(path)
    return str(path)


def told(*paths: str, **wished: str) -> list[Fault]:
    return read(*paths, **wished).faults


def read(*paths: str, **wished: str) -> Gathered:
    return gather(paths, Reading(METRIC, fields=Fields(**wished)))


def test_a_layer_without_names_is_noted_with_its_fields(tmp_path: Path) -> None:
    (note,) = told(written(tmp_path, "community", code="BM", name="甲"))
    assert note.is_note
    assert (note.zh, note.remedy_zh) == ("没有名称字段,文件中有:BM, 甲", "用 --name-field 指明")


def test_a_field_that_only_another_file_has_is_a_note_and_guessed(tmp_path: Path) -> None:
    paths = [
        written(tmp_path, "street", code="BM", name="MC"),
        written(tmp_path, "community", code="K", name="MC"),
    ]
    gathered = read(*paths, code="k")
    (note,) = gathered.faults
    assert (note.is_note, note.file) == (True, "street.gpkg")
    assert "there is no field k (there are: BM, MC)" in note.en
    assert [layer.fields.code for layer in gathered.layers] == ["BM", "K"]


def test_a_field_that_no_file_has_is_a_fault_of_each(tmp_path: Path) -> None:
    paths = [written(tmp_path, level, code="BM", name="MC") for level in ("street", "community")]
    faults = told(*paths, code="K")
    assert [(fault.kind, fault.is_note, fault.file) for fault in faults] == [
        ("field", False, "street.gpkg"),
        ("field", False, "community.gpkg"),
    ]


@pytest.mark.parametrize(
    ("renamed", "said"),
    [
        ({"name": "甲"}, "no field of codes or levels was found; it has: 甲"),
        ({"name": "编码"}, "the codes in 编码 ('社区1', '社区2', '社区3') have not 9, 12 or 15 digits"),
        ({"name": "层级", "code": "编码"}, "the field 层级 has '社区1', '社区2', '社区3'; it may have:"),
    ],
)
def test_levels_that_cannot_be_told_are_one_fault(tmp_path: Path, renamed: dict[str, str], said: str) -> None:
    fault, *others = told(written(tmp_path, "community", "all", **renamed))
    assert said in fault.en
    assert len(fault.codes) == 3
    assert "--level-field" in fault.remedy_en
    assert all(other.is_note for other in others)
