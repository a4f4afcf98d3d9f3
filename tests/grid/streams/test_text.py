"""CSV to CSV: what was there stays, byte for byte; the codes come after it."""

from pathlib import Path

import pytest

from gisgrid.grid.coordinates import Coordinates, NoCoordinates
from gisgrid.grid.join import join
from gisgrid.grid.locate import Grid
from gisgrid.grid.points import UnreadablePoints
from gisgrid.grid.streams import records
from gisgrid.grid.streams.cells import Joined
from gisgrid.grid.streams.records import EndlessRecord
from tests.grid.builders import nested_squares

GRID = Grid(nested_squares())
INSIDE = GRID.cells[GRID.cells["code"] == "440307009002001"].geometry.iloc[0].representative_point()
IN = f"{INSIDE.x},{INSIDE.y}"
CODES = "440307009,440307009002,440307009002001"
NAMES = "street_code,community_code,substation_code"


def joined(folder: Path, content: bytes, name: str = "in.csv", **options: object) -> tuple[bytes, Joined]:
    (folder / name).write_bytes(content)
    target = folder / f"out{Path(name).suffix}"
    counts = join(folder / name, target, GRID, **options)  # type: ignore[arg-type]
    return target.read_bytes(), counts


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (f"id,lon,lat\n007,{IN}\n", f"id,lon,lat,{NAMES}\n007,{IN},{CODES}\n"),
        (f"id,lon,lat\r\n007,{IN}\r\n", f"id,lon,lat,{NAMES}\r\n007,{IN},{CODES}\r\n"),
        (f"lon,lat\n{IN}", f"lon,lat,{NAMES}\n{IN},{CODES}\n"),
        ("lon,lat\n0,0\n?,\n", f"lon,lat,{NAMES}\n0,0,,,\n?,,,,\n"),
        (f"lon,lat\n\n{IN}\n\r\n\n", f"lon,lat,{NAMES}\n\n{IN},{CODES}\n\r\n\n"),
        (f"lon,lat,a,b\n{IN}\n{IN},x\n1\n", f"lon,lat,a,b,{NAMES}\n{IN},,,{CODES}\n{IN},x,,{CODES}\n1,,,,,,\n"),
        (
            f'a,lon,lat\n"x,\n""y""",{IN}\n5" pipe,{IN}\n',
            f'a,lon,lat,{NAMES}\n"x,\n""y""",{IN},{CODES}\n5" pipe,{IN},{CODES}\n',
        ),
        (f'"lon" ,"lat"\n"{INSIDE.x}", {INSIDE.y} \n', f'"lon" ,"lat",{NAMES}\n"{INSIDE.x}", {INSIDE.y} ,{CODES}\n'),
        (f"lon,lat,street_code\n{IN},old\n", f"lon,lat,{NAMES}\n{IN},{CODES}\n"),
        (
            f'community_code,lon,"street_code",lat\n"a,b",{INSIDE.x},,{INSIDE.y}\nz,1\n',
            f"lon,lat,{NAMES}\n{IN},{CODES}\n1,,,,\n",
        ),
        ("lon,lat\n", f"lon,lat,{NAMES}\n"),
        ("lon,lat", f"lon,lat,{NAMES}\n"),
        (f"经度,纬度,备注\n{IN},葵涌\n", f"经度,纬度,备注,{NAMES}\n{IN},葵涌,{CODES}\n"),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_codes_follow_the_records(tmp_path: Path, before: str, after: str, encoding: str) -> None:
    assert joined(tmp_path, before.encode(encoding))[0] == after.encode(encoding)


def test_tabs_separate_too(tmp_path: Path) -> None:
    found, _ = joined(tmp_path, f"a,b\tlon\tlat\nx,\t{INSIDE.x}\t{INSIDE.y}\n".encode(), "in.tsv")
    codes = CODES.replace(",", "\t")
    assert found.decode().splitlines()[1] == f"x,\t{INSIDE.x}\t{INSIDE.y}\t{codes}"


def test_rows_are_counted(tmp_path: Path) -> None:
    _, counts = joined(tmp_path, f"lon,lat\n{IN}\n\n0,0\n?,1\n\n{IN}\n".encode())
    assert counts == Joined(rows=4, outside=2, without_coordinates=1)


def test_codes_that_need_marks_get_them(tmp_path: Path) -> None:
    grid = Grid(nested_squares(1, 1).replace({"440307009": '街"1,2'}))
    inside = grid.cells.geometry.iloc[0].representative_point()
    (tmp_path / "in.csv").write_bytes(f"经度,纬度\n{inside.x},{inside.y}\n".encode("gb18030"))
    join(tmp_path / "in.csv", tmp_path / "out.csv", grid)
    line = (tmp_path / "out.csv").read_bytes().decode("gb18030").splitlines()[1]
    assert line == f'{inside.x},{inside.y},"街""1,2",440307009001,440307009001001'


def test_geometries_in_hexadecimal(tmp_path: Path) -> None:
    content = f'geom,lon,lat\n{INSIDE.wkb_hex},0,0\n"{INSIDE.wkb_hex}",0,0\nxyz,0,0\n,0,0\n'.encode()
    found, counts = joined(tmp_path, content, coordinates=Coordinates(geometry="geom"))
    assert [line.endswith(CODES) for line in found.decode().splitlines()[1:]] == [True, True, False, False]
    assert counts == Joined(4, 2, 2)


@pytest.mark.parametrize("block", [1, 10, 47, 1000])
def test_blocks_do_not_show(tmp_path: Path, block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [f'{number},"a\n{"x" * (number % 7)}",{IN if number % 3 else "0,0"}\r\n' for number in range(60)]
    monkeypatch.setattr(records, "BLOCK", block)
    found, counts = joined(tmp_path, ("id,a,lon,lat\r\n" + "".join(rows)).encode())
    expected = [row.replace("\r\n", f",{CODES if number % 3 else ',,'}\r\n") for number, row in enumerate(rows)]
    assert found.decode() == f"id,a,lon,lat,{NAMES}\r\n" + "".join(expected)
    assert counts == Joined(60, 20)


@pytest.mark.parametrize(
    ("content", "error", "words"),
    [
        (b"", UnreadablePoints, "empty"),
        (b"a,b\n1,2\n", NoCoordinates, "a, b"),
        (b"\nlon,lat\n1,2\n", NoCoordinates, "--longitude"),
        (b"lon,lat\n1,2\n1,2,3,4\n5,6\n", UnreadablePoints, "1,2,3,4"),
        (b'lon,lat\n1,"2\n', EndlessRecord, '"2'),
        (b'"lon,lat\n1,2\n', EndlessRecord, "lon"),
        ("lon,lat\n1,2\n".encode("utf-16"), UnreadablePoints, "header"),
        (b"lon\rlat\r1\r2", UnreadablePoints, "header"),
    ],
)
def test_what_is_no_sound_csv_is_told(tmp_path: Path, content: bytes, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        joined(tmp_path, content)
    assert [path.name for path in tmp_path.iterdir()] == ["in.csv"]
