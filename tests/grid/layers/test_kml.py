from pathlib import Path

import pytest

from gisgrid.grid.layers.kml import with_plain_names


def kml(path: Path, *names: str) -> Path:
    path.write_text("".join(f'<Data name="{name}"><value>{name}</value></Data>' for name in names), encoding="utf-8")
    return path


def test_names_of_equal_length_stay_apart(tmp_path: Path) -> None:
    copy, names = with_plain_names(kml(tmp_path / "a.kml", "编码", "名称", "编码", "code"), tmp_path)
    assert names == {"field1_": "编码", "field2_": "名称"}
    text = copy.read_text(encoding="utf-8")
    assert text.count('name="field1_"') == 2
    assert text.count('name="field2_"') == 1
    assert '<Data name="code"><value>code' in text
    assert "<value>编码</value>" in text, "only names are replaced"


def test_escaped_names_are_understood(tmp_path: Path) -> None:
    _, names = with_plain_names(kml(tmp_path / "a.kml", "名称&amp;编码"), tmp_path)
    assert names == {"field1_": "名称&编码"}


@pytest.mark.parametrize("names", [(), ("code", "name")])
def test_plain_names_need_no_copy(tmp_path: Path, names: tuple[str, ...]) -> None:
    path = kml(tmp_path / "a.kml", *names)
    assert with_plain_names(path, tmp_path) == (path, {})
