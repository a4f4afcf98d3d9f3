"""How many check-ins, people and outings each cell had on each local day, over a directory of Parquet files."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from gisgrid.batch.days import column_of
from gisgrid.batch.ground import Ground
from gisgrid.batch.pieces import Each, Piece, find_pieces
from gisgrid.grid.points import UnreadablePoints, write_table
from gisgrid.grid.streams.cells import CODE_COLUMNS
from gisgrid.grid.tables import LEVELS
from gisgrid.patrols.arrival.imports import PLAN

WHO = ("patroller", "patrol")
KEYS = ["day", *CODE_COLUMNS, *WHO]
SCHEMA = pa.schema({"day": pa.date32(), **dict.fromkeys(KEYS[1:], pa.string()), "n": pa.int64()})


@dataclass(frozen=True, slots=True)
class CountPiece:
    """What a worker does with a piece: count its rows by day, cell, person and outing.

    `patroller` and `patrol` name columns; None for the usual names.
    """

    ground: Ground
    patroller: str | None = None
    patrol: str | None = None

    def who(self, schema: pa.Schema) -> list[str | None]:
        """Return the columns of persons and of outings; None where there is none. Raises NoSuchColumn."""
        wanted = zip(WHO, (self.patroller, self.patrol), strict=True)
        return [column_of(schema, column, (*PLAN.columns[name], f"{name}_id")) for name, column in wanted]

    def __call__(self, piece: Piece) -> pd.DataFrame:
        """Return the counts as columns KEYS and `n`."""
        table = piece.read(self._columns)
        who_columns = self.who(table.schema)
        parts = [SCHEMA.empty_table()]
        for joined, days, _ in self.ground.with_codes(table):
            codes = [joined[name] for name in CODE_COLUMNS]
            names = [_names(joined[who]) if who else pa.nulls(len(days), pa.string()) for who in who_columns]
            parts.append(pa.table([pa.array(days), *codes, *names, np.ones(len(days), np.int64)], schema=SCHEMA))
        counted = pa.concat_tables(parts).group_by(KEYS, use_threads=False).aggregate([("n", "sum")])
        return _frame(counted.rename_columns({"n_sum": "n"}))

    def _columns(self, schema: pa.Schema) -> list[str]:
        return list(dict.fromkeys([*self.ground.reading.columns(schema), *filter(None, self.who(schema))]))


def count_folder(
    each: Each,
    source: Path,
    target: Path,
    act: CountPiece,
    progress: Callable[[int, int], None] = lambda done, expected: None,
) -> pd.DataFrame:
    """Count all Parquet files below `source`, write the figures to `target` (.parquet or .csv), return them.

    The figures are those of `figures`. `progress` is told rows done and expected.
    Raises NoSuchFile, UnreadablePoints, NoCoordinates, NoSuchColumn; then nothing is written.
    """
    if target.suffix.lower() not in (".parquet", ".csv"):
        raise UnreadablePoints(
            f"不能写成 {target.name}。可写:.parquet .csv", f"cannot write {target.name}; writable are .parquet .csv"
        )
    pieces, schemas = find_pieces(source)
    for schema in schemas.values():
        act.ground.reading.check(schema)
        act.who(schema)
    expected, done = sum(piece.rows for piece in pieces), 0
    parts = [_frame(SCHEMA.empty_table())]
    for piece, part in each(act, pieces):
        parts.append(part)
        if sum(map(len, parts[1:])) > len(parts[0]):  # so that each row is summed a few times, however many parts
            parts = [_summed(parts)]
        done += piece.rows
        progress(done, expected)
    found = figures(_summed(parts))
    write_table(target, pa.Table.from_pandas(found, preserve_index=False))
    return found


def figures(counted: pd.DataFrame) -> pd.DataFrame:
    """Return `day, level, code, check_ins, patrollers, patrols`, by day, level and code; without check-ins no row.

    Rows without a code are what lies in no cell of the level; without a day, what has no readable time. People and
    outings are distinct at each level, so they do not add up. An outing is a person's: two persons' outings of one
    name are two. Where no row of the data names a person or an outing, their number is missing.
    """
    outing = counted.groupby(["patroller", "patrol"], dropna=False).ngroup().where(counted["patrol"].notna())
    counted = counted.assign(outing=outing)
    found = pd.concat([_of_level(counted, level) for level in LEVELS], ignore_index=True)
    rank = found["level"].map(LEVELS.index)
    found = found.assign(rank=rank).sort_values(["day", "rank", "code"], ignore_index=True).drop(columns="rank")
    found["day"] = found["day"].dt.date
    for name in WHO:
        if counted[name].isna().all():
            found[f"{name}s"] = pd.array([None] * len(found), dtype="Int64")
    return found


def _of_level(counted: pd.DataFrame, level: str) -> pd.DataFrame:
    cells = counted.groupby(["day", f"{level}_code"], dropna=False)
    found = cells.agg(check_ins=("n", "sum"), patrollers=("patroller", "nunique"), patrols=("outing", "nunique"))
    found = found.rename_axis(["day", "code"]).reset_index()
    found.insert(1, "level", level)
    return found


def _names(column: pa.ChunkedArray) -> pa.ChunkedArray:
    if pa.types.is_floating(column.type):  # whole numbers with gaps, as pandas writes them
        column = pc.cast(pc.if_else(pc.is_finite(column), column, None), pa.int64())
    return pc.cast(column, pa.string())


def _frame(table: pa.Table) -> pd.DataFrame:
    return pd.DataFrame(table.to_pandas(date_as_object=False))


def _summed(parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    return pd.concat(parts).groupby(KEYS, dropna=False, sort=False).agg(n=("n", "sum")).reset_index()
