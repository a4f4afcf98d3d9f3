"""The join over a directory of Parquet files, partitioned: `day=2026-11-01/substation=440307009001001/…parquet`.

Each piece puts its rows of a partition into one file named after the piece. Read in the order of their names, the files
of a partition hold its rows in the order of the source: file by path, then row.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from gisgrid.batch.days import Days
from gisgrid.batch.ground import Ground
from gisgrid.batch.pieces import Each, Piece, find_pieces
from gisgrid.batch.replace import PART, replaced
from gisgrid.errors import Refused

UNDATED, OUTSIDE = "undated", "outside"
"""The partitions of rows without a readable time, and of rows in no substation."""
PARTITIONS = ("day", "substation")
COUNTS = ("rows", "outside", "without_coordinates", "undated")
"""All rows; those in no cell; those of them without readable coordinates; those without a readable time."""


class TakenColumn(Refused):
    """A column with the name of a partition."""


@dataclass(frozen=True, slots=True)
class JoinPiece:
    """What a worker does with a piece: join it and write its partitions. Done again, it writes the same files."""

    ground: Ground
    folder: Path

    def __call__(self, piece: Piece) -> Counter[str]:
        """Return the counts of the piece."""
        tally = Counter(dict.fromkeys(COUNTS, 0))
        for table, days, counts in self.ground.with_codes(piece.read()):
            for rows, day, code in _partitions(days, table["substation_code"]):
                place = f"day={UNDATED if np.isnat(day) else day}", f"substation={code or OUTSIDE}"
                _write(table.take(pa.array(rows)), self.folder, place, f"{piece.name}.parquet")
            found = counts.rows, counts.outside, counts.without_coordinates, int(np.isnat(days).sum())
            tally.update(dict(zip(COUNTS, found, strict=True)))
        return tally


def join_folder(
    each: Each,
    source: Path,
    target: Path,
    ground: Ground,
    progress: Callable[[int, int], None] = lambda done, expected: None,
) -> Counter[str]:
    """Write the joined rows of all Parquet files below `source` to the folder `target`, in place of an earlier result.

    `each` has the pieces done, in any order; workers must see both folders under the same paths. `progress` is told
    rows done and expected. Returns COUNTS. Raises NoSuchFile, UnreadablePoints, NoCoordinates, UnknownCrs,
    NoSuchColumn, TakenColumn, NotResults; then nothing is written.
    """
    pieces, schemas = find_pieces(source)
    for schema in schemas.values():
        ground.reading.check(schema)
        if taken := [name for name in PARTITIONS if name in schema.names]:
            raise TakenColumn(f"列名与分区重名:{taken[0]}", f"a column has the name of a partition: {taken[0]}")
    expected = sum(piece.rows for piece in pieces)
    tally = Counter(dict.fromkeys(COUNTS, 0))
    with replaced(target, source) as (folder, contents):
        for _, done in each(JoinPiece(ground, folder), pieces):
            tally.update(done)
            progress(tally["rows"], expected)
        contents.update(tally, pieces={piece.name: f"{piece.path.name} {piece.groups}" for piece in pieces})
    return tally


def _partitions(days: Days, codes: pa.ChunkedArray) -> Iterator[tuple[NDArray[np.intp], np.datetime64, str | None]]:
    """Yield the rows of each day and code, in their order."""
    day = pa.array(days).dictionary_encode("encode")
    code = codes.combine_chunks().dictionary_encode("encode")
    key = day.indices.to_numpy() * len(code.dictionary) + code.indices.to_numpy()
    order = np.argsort(key.astype(np.min_scalar_type(key.max(initial=0))), kind="stable")  # small numbers sort fastest
    starts = np.flatnonzero(np.diff(key[order])) + 1
    for rows in np.split(order, starts):
        if rows.size:
            yield rows, days[rows[0]], codes[int(rows[0])].as_py()


def _write(table: pa.Table, folder: Path, place: tuple[str, ...], name: str) -> None:
    for step in place:
        folder = folder / step
        folder.mkdir(exist_ok=True)  # without parents: nothing is made anew where the run was given up
    part = folder / f"{PART}{uuid4().hex}"
    texts = [field.name for field in table.schema if not pa.types.is_primitive(field.type)]
    pq.write_table(table, part, use_dictionary=texts)  # which takes numbers twice the time, and more room
    part.replace(folder / name)
