from pathlib import Path

import pytest

from gisgrid.batch.replace import LIST, NotResults, replaced
from tests.batch.builders import tree


def make(target: Path, name: str) -> None:
    with replaced(target, target.with_name("in")) as (folder, contents):
        (folder / name).write_text(name)
        (folder / ".part-1").write_text("half")
        contents["rows"] = 1


def test_a_folder_takes_the_place_of_the_one_before(tmp_path: Path) -> None:
    target = tmp_path / "deep" / "out"
    make(target, "a")
    make(target, "b")
    assert {name: text.split() for name, text in tree(tmp_path).items()} == {
        "deep/out/b": [b"b"],
        f"deep/out/{LIST}": [b"{", b'"rows":', b"1", b"}"],
    }


def test_an_empty_folder_may_be_used(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    make(tmp_path / "out", "a")
    assert sorted(tree(tmp_path / "out")) == [LIST, "a"]


@pytest.mark.parametrize("target", ["file", "other", "other/in/out", "other/in"])
def test_nothing_else_is_ever_replaced(tmp_path: Path, target: str) -> None:
    (tmp_path / "other" / "in").mkdir(parents=True)
    (tmp_path / "file").write_text("x")
    (tmp_path / "other" / "in" / LIST).write_text("{}")
    with pytest.raises(NotResults), replaced(tmp_path / target, tmp_path / "other" / "in"):
        pass
    assert sorted(tree(tmp_path)) == ["file", f"other/in/{LIST}"]


def test_an_error_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        make(tmp_path / "out", "no such folder/a")
    assert list(tmp_path.iterdir()) == []
