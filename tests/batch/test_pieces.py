from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from gisgrid.batch import pieces
from gisgrid.batch.pieces import Piece, find_pieces
from gisgrid.grid.points import NoSuchFile, UnreadablePoints
from tests.batch.builders import FILES, lay


@pytest.mark.parametrize(
    ("least", "cut"),
    [
        (1, [((0,), 300), ((1,), 300), ((2,), 300), ((3,), 100)]),
        (301, [((0, 1), 600), ((2, 3), 400)]),
        (10_000, [((0, 1, 2, 3), 1000)]),
    ],
)
def test_row_groups_are_gathered_to_pieces(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, least: int, cut: list[tuple[tuple[int, ...], int]]
) -> None:
    monkeypatch.setattr(pieces, "PIECE", least)
    found, schemas = find_pieces(lay(tmp_path, 1000))
    assert [(piece.groups, piece.rows) for piece in found] == cut * len(FILES)
    assert list(schemas) == [tmp_path / name for name in FILES]


def test_in_the_order_of_their_names_the_pieces_are_the_files_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pieces, "PIECE", 300)
    found, _ = find_pieces(lay(tmp_path, 1000))
    ordered = sorted(found, key=lambda piece: piece.name)
    together = pa.concat_tables(piece.read() for piece in ordered)
    assert together.equals(pa.concat_tables(pq.read_table(tmp_path / name) for name in FILES))


@pytest.mark.parametrize("name", ["missing", "empty", "file"])
def test_a_folder_without_points_is_told(tmp_path: Path, name: str) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").write_text("a")
    with pytest.raises(NoSuchFile, match=name):
        find_pieces(tmp_path / name)


def test_a_broken_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "broken.parquet").write_bytes(b"PAR1")
    with pytest.raises(UnreadablePoints, match="broken"):
        find_pieces(tmp_path)
    with pytest.raises(UnreadablePoints, match="gone"):
        Piece("0", tmp_path / "gone.parquet", (0,), 1).read()
