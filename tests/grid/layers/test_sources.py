import zipfile
from pathlib import Path

import pytest

from gisgrid.grid.layers import sources
from gisgrid.grid.layers.faults import Unusable
from gisgrid.grid.layers.sources import Source, find_sources


@pytest.fixture
def layer(tmp_path: Path) -> Path:
    path = tmp_path / "葵涌.geojson"
    path.write_text("{}")
    return path


@pytest.mark.parametrize(
    ("before", "after", "level", "named"),
    [
        ("", "", None, None),
        ("street=", "", "street", None),
        ("社区=", "", "community", None),
        ("substation=", "#网格 2026", "substation", "网格 2026"),
        ("", "#cells", None, "cells"),
    ],
)
def test_an_argument_may_name_level_and_layer(
    layer: Path, tmp_path: Path, before: str, after: str, level: str | None, named: str | None
) -> None:
    assert find_sources(f"{before}{layer}{after}", tmp_path) == [Source(layer, "葵涌.geojson", level, named)]


@pytest.mark.parametrize("name", ["a=b.geojson", "street=b.geojson", "a#b.geojson"])
def test_a_file_that_is_there_is_taken_by_its_whole_name(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path(name).write_text("{}")
    assert find_sources(name, tmp_path) == [Source(Path(name), name)]


def refusal(argument: str, scratch: Path, live: Path | None = None) -> str:
    with pytest.raises(Unusable) as error:
        find_sources(argument, scratch, live)
    fault = error.value.fault
    assert fault.zh
    assert fault.remedy_zh
    assert fault.file
    return fault.en


def test_missing_empty_and_folder_are_told_apart(tmp_path: Path) -> None:
    empty = tmp_path / "empty.geojson"
    empty.touch()
    assert "there is no file" in refusal(str(tmp_path / "none.geojson"), tmp_path)
    assert "0 bytes" in refusal(str(empty), tmp_path)
    assert "is a folder" in refusal(str(tmp_path), tmp_path)


def test_the_live_database_is_never_opened_under_any_name(tmp_path: Path) -> None:
    live = tmp_path / "gisgrid.sqlite"
    live.write_bytes(b"SQLite format 3\0")
    link = tmp_path / "cells.gpkg"
    link.symlink_to(live)
    for name in (live, link, tmp_path / "." / "gisgrid.sqlite"):
        assert "database in use" in refusal(str(name), tmp_path, live)


def zipped(path: Path, **members: bytes) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "/").replace("_dot_", "."), content)
    return path


def test_an_archive_yields_its_layers_with_their_companions(tmp_path: Path) -> None:
    archive = zipped(
        tmp_path / "all.zip",
        图层__street_dot_SHP=b"1",
        图层__street_dot_SHX=b"2",
        图层__street_dot_DBF=b"3",
        图层__readme_dot_txt=b"no layer",
        cells_dot_geojson=b"{}",
    )
    found = find_sources(f"street={archive}", tmp_path / "scratch")
    assert [source.label for source in found] == ["all.zip › street.SHP", "all.zip › cells.geojson"]
    assert {source.level for source in found} == {"street"}
    shp = found[0].path
    assert [shp.with_suffix(end).read_bytes() for end in (".shp", ".shx", ".dbf")] == [b"1", b"2", b"3"]
    assert not list((tmp_path / "scratch").rglob("*.txt"))


def test_members_stay_inside_the_scratch_folder(tmp_path: Path) -> None:
    archive = zipped(tmp_path / "slip.zip")
    with zipfile.ZipFile(archive, "w") as opened:
        opened.writestr("../../outside.geojson", "{}")
        opened.writestr("C:\\data\\inside.geojson", "{}")
    scratch = tmp_path / "deep" / "scratch"
    found = find_sources(str(archive), scratch)
    assert [source.label for source in found] == ["slip.zip › outside.geojson", "slip.zip › inside.geojson"]
    assert all(source.path.is_relative_to(scratch) for source in found)
    assert not (tmp_path / "outside.geojson").exists()


def test_names_written_in_gbk_are_readable(tmp_path: Path) -> None:
    archive = tmp_path / "gbk.zip"
    with zipfile.ZipFile(archive, "w") as opened:
        opened.writestr(zipfile.ZipInfo("XXXX.kml"), "<kml/>")
    archive.write_bytes(archive.read_bytes().replace(b"XXXX", "社区".encode("gbk")))
    assert [source.label for source in find_sources(str(archive), tmp_path)] == ["gbk.zip › 社区.kml"]


def test_archives_without_layers_or_broken_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "no layer in the archive" in refusal(str(zipped(tmp_path / "a.zip", a_dot_txt=b"x")), tmp_path)
    good = zipped(tmp_path / "b.zip", b_dot_kml=b"<kml>" + b"x" * 100)
    good.write_bytes(good.read_bytes().replace(b"xxxx", b"yyyy"))  # the checksum no longer fits
    assert "cannot be unpacked" in refusal(str(good), tmp_path)
    monkeypatch.setattr(sources, "UNPACKED_LIMIT", 3)
    assert "4 GB" in refusal(str(zipped(tmp_path / "c.zip", c_dot_kml=b"<kml/>")), tmp_path)
