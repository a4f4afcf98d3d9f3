"""Adds the cells of its points to a table: `street_code`, `community_code`, `substation_code`."""

from pathlib import Path
from typing import Any

import pyarrow as pa

from gisgrid.errors import Refused
from gisgrid.geometry import WGS84, to_wgs84
from gisgrid.grid.coordinates import Coordinates
from gisgrid.grid.locate import Grid
from gisgrid.grid.points import (
    CSV,
    PARQUET,
    VECTOR_DRIVERS,
    UnreadablePoints,
    checked,
    csv_encoding,
    open_parquet,
    read_slices,
    separator,
    writable,
    write_vector,
)
from gisgrid.grid.streams.cells import Cells, Joined
from gisgrid.grid.streams.convert import TableWithCodes, with_codes
from gisgrid.grid.streams.parquet import ParquetWithCodes
from gisgrid.grid.streams.pieces import Progress, Work, make
from gisgrid.grid.streams.text import TextWithCodes

WRITABLE = {*PARQUET, *CSV, *VECTOR_DRIVERS} - {".gpx"}
ENCODINGS = {"utf-8-sig": "UTF-8", "gb18030": "GB18030"}


class SameFile(Refused):
    """The result would take the place of what it is made from."""


def join(
    source: Path,
    target: Path,
    grid: Grid,
    *,
    coordinates: Coordinates | None = None,
    crs: str | None = None,
    progress: Progress = lambda done, expected: None,
) -> Joined:
    """Write the table of points `source` to `target` with its cells' codes; the other columns stay as they are.

    Without a `crs`, that which the file declares for its geometries; WGS 84 where it declares none. Memory stays
    bounded for CSV and Parquet, and a run of theirs that was killed is continued by the next, if nothing has changed.
    `progress` is told rows done and rows expected (0: unknown). Raises NoSuchFile, NoSuchFolder, SameFile,
    UnreadablePoints, NoCoordinates, UnknownCrs, AlreadyBeingWritten, SourceChanged; then nothing is written.
    """
    checked(source)
    if writable(target).exists() and target.samefile(source):
        raise SameFile(
            "结果文件就是原文件;请另取一个文件名", "source and target are the same file; name another target"
        )
    kind = target.suffix.lower()
    if kind not in WRITABLE:
        raise UnreadablePoints(
            f"不能写成 {target.name}。可写:.csv .tsv .parquet .geojson .gpkg",
            f"cannot write {target.name}; writable are .csv .tsv .parquet .geojson .gpkg",
        )
    coordinates = coordinates or Coordinates()
    cells = Cells(grid, crs or _declared_crs(source, coordinates))
    if kind in VECTOR_DRIVERS:
        return _join_whole(source, target, cells, coordinates, progress)
    wishes = {"coordinates": repr(coordinates), "cells": cells.fingerprint()}
    return make(_work(source, target, cells, coordinates), source, target, wishes, progress)


def _work(source: Path, target: Path, cells: Cells, coordinates: Coordinates) -> Work[Any]:
    kinds = source.suffix.lower(), target.suffix.lower()
    if all(kind in PARQUET for kind in kinds):
        return ParquetWithCodes(source, cells, coordinates)
    if _is_copied_text(source, target):
        return TextWithCodes(source, cells, coordinates)
    return TableWithCodes(source, target, cells, coordinates)


def _are_csv(*paths: Path) -> bool:
    return all(path.suffix.lower() in CSV for path in paths)


def _is_copied_text(source: Path, target: Path) -> bool:
    return _are_csv(source, target) and separator(source) == separator(target)


def encodings(source: Path, target: Path) -> tuple[str, str] | None:
    """Return the names of the encodings of a CSV file and of the CSV file that `join` makes of it; else None."""
    if not _are_csv(source, target):
        return None
    given = ENCODINGS[csv_encoding(source)]
    return given, given if _is_copied_text(source, target) else "UTF-8"


def _declared_crs(source: Path, coordinates: Coordinates) -> str:
    if source.suffix.lower() not in PARQUET:
        return WGS84
    with open_parquet(source) as file:
        return coordinates.crs_of(file.schema_arrow)


def _join_whole(source: Path, target: Path, cells: Cells, coordinates: Coordinates, progress: Progress) -> Joined:
    """Join a table to a format that is written at once."""
    slices, expected = read_slices(source)
    table = pa.concat_tables(slices)
    joined, counts = with_codes(table, cells, coordinates)
    write_vector(target, joined, *to_wgs84(*coordinates.of(table), cells.crs))
    progress(counts.rows, expected)
    return counts
