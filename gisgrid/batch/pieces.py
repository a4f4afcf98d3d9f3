"""A directory of Parquet files, cut into pieces of work. The order of rows is: file by path, then row.

The cut depends on the files alone, never on how many workers there are.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

import pyarrow as pa
import pyarrow.parquet as pq

from gisgrid.grid.points import PARQUET, NoSuchFile, open_parquet

PIECE = 1_000_000  # rows at least, unless the file ends; a row group is never cut
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Piece:
    """Some neighbouring row groups of one file; the names of pieces sort as their rows do."""

    name: str
    path: Path
    groups: tuple[int, ...]
    rows: int

    def read(self, columns: Callable[[pa.Schema], Sequence[str]] | None = None) -> pa.Table:
        """Return the rows, all columns or those that `columns` chooses. Raises UnreadablePoints.

        In one thread: the other processors are other workers'.
        """
        with open_parquet(self.path) as file:
            chosen = columns and list(columns(file.schema_arrow))
            return file.read_row_groups(self.groups, chosen, use_threads=False)


class Each(Protocol):
    """Has an act done to each piece, in whatever order."""

    def __call__(self, act: Callable[[Piece], Result], pieces: Sequence[Piece], /) -> Iterator[tuple[Piece, Result]]:
        """Yield each piece with what the act made of it."""


def find_pieces(folder: Path) -> tuple[list[Piece], dict[Path, pa.Schema]]:
    """Return the pieces of all Parquet files below a folder, in order, and the files' schemas.

    Names that begin with a dot or an underscore are passed over, as every reader of such folders does.
    Raises NoSuchFile, UnreadablePoints.
    """
    folder = folder.resolve()
    if not folder.is_dir():
        raise NoSuchFile(f"没有这个目录:{folder}", f"there is no such directory: {folder}")
    within = {path: path.relative_to(folder).parts for path in folder.rglob("*") if path.suffix.lower() in PARQUET}
    paths = sorted(path for path, parts in within.items() if not any(part[0] in "._" for part in parts))
    if not paths:
        raise NoSuchFile(f"目录中没有 Parquet 文件:{folder}", f"there is no Parquet file in {folder}")
    pieces: list[Piece] = []
    schemas = {}
    for number, path in enumerate(paths):
        with open_parquet(path) as file:
            schemas[path] = file.schema_arrow
            pieces += _cut(number, path, file.metadata)
    return pieces, schemas


def _cut(number: int, path: Path, metadata: pq.FileMetaData) -> Iterator[Piece]:
    groups: list[int] = []
    rows = 0
    for group in range(metadata.num_row_groups):
        groups.append(group)
        rows += metadata.row_group(group).num_rows
        if rows >= PIECE or group == metadata.num_row_groups - 1:
            yield Piece(f"{number:06}-{groups[0]:06}", path, tuple(groups), rows)
            groups, rows = [], 0
