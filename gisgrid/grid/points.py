"""Tables of points of any length, read and written a slice at a time: CSV, Parquet, GeoJSON, GeoPackage, GPX."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio
from pyogrio.errors import DataLayerError, DataSourceError

from gisgrid.errors import NotFound, Refused
from gisgrid.geometry import WGS84, Floats
from gisgrid.grid.layers.drivers import allowed_drivers

SLICE = 250_000  # rows; some tens of megabytes
PARQUET: Final = (".parquet", ".geoparquet")
CSV: Final = (".csv", ".txt", ".tsv")
BUFFER: Final = 1 << 20  # bytes read at a time, so that no whole column of a large row group is held
VECTOR_DRIVERS = {".geojson": "GeoJSON", ".json": "GeoJSON", ".gpkg": "GPKG", ".gpx": "GPX"}


class NoSuchFile(NotFound):
    """A file that is not there."""


class NoSuchFolder(NotFound):
    """A folder that is not there."""


class UnreadablePoints(Refused):
    """A file that holds no readable table of points."""


def read_slices(path: Path) -> tuple[Iterator[pa.Table], int]:
    """Return the slices of a table of points, and how many rows to expect (0 when only reading would tell).

    Raises NoSuchFile, UnreadablePoints; while iterating, UnreadablePoints.
    """
    suffix = checked(path).suffix.lower()
    if suffix in PARQUET:
        return _parquet(path)
    if suffix in VECTOR_DRIVERS:
        table = _vector(path, VECTOR_DRIVERS[suffix])
        return iter([table]), table.num_rows
    if suffix in CSV:
        return _csv(path), 0
    raise unreadable(
        path, "可读:.csv .tsv .parquet .geojson .gpkg .gpx", "readable are .csv .tsv .parquet .geojson .gpkg .gpx"
    )


def checked(path: Path) -> Path:
    """Return the path of a file that is there. Raises NoSuchFile."""
    if not path.is_file():
        raise NoSuchFile(f"没有这个文件:{path}", f"there is no such file: {path}")
    return path


def writable(path: Path) -> Path:
    """Return the path of a file to write, if its folder is there: a mistyped one is not made. Raises NoSuchFolder."""
    if not path.parent.is_dir():
        raise NoSuchFolder(f"没有这个目录:{path.parent}", f"there is no such folder: {path.parent}")
    return path


def unreadable(path: Path, zh: str, en: str) -> UnreadablePoints:
    """Return the error that says why a file is no table of points."""
    return UnreadablePoints(f"{path.name} 无法读取:{zh}", f"cannot read {path.name}: {en}")


def open_parquet(path: Path, metadata: Any = None) -> pq.ParquetFile:
    """Open a Parquet file, to be read in order by one thread. Raises UnreadablePoints."""
    try:
        return pq.ParquetFile(path, metadata=metadata, buffer_size=BUFFER, pre_buffer=False)
    except (pa.ArrowException, OSError) as error:
        raise unreadable(path, "不是有效的 Parquet 文件", "it is not a Parquet file") from error


def read_batches(file: pq.ParquetFile, path: Path, **which: Any) -> Iterator[pa.RecordBatch]:
    """Return the slices of a Parquet file, or of some of its row groups and columns. Raises UnreadablePoints."""
    try:
        yield from file.iter_batches(SLICE, use_threads=False, **which)
    except (pa.ArrowException, OSError) as error:
        raise unreadable(path, "文件已损坏", "it is damaged") from error


def _parquet(path: Path) -> tuple[Iterator[pa.Table], int]:
    file = open_parquet(path)
    schema = file.schema_arrow

    def slices() -> Iterator[pa.Table]:
        with file:
            if not file.metadata.num_rows:
                yield schema.empty_table()
            for batch in read_batches(file, path):
                yield pa.Table.from_batches([batch], schema=schema)

    return slices(), file.metadata.num_rows


def separator(path: Path) -> str:
    """Return what stands between the fields of a CSV file, by its name's ending."""
    return "\t" if path.suffix.lower() == ".tsv" else ","


def _csv(path: Path) -> Iterator[pa.Table]:
    """Every value stays the text it was: a code keeps its leading zero."""
    try:
        with pd.read_csv(
            path, sep=separator(path), dtype=str, keep_default_na=False, chunksize=SLICE, encoding=csv_encoding(path)
        ) as chunks:
            for chunk in chunks:
                yield pa.Table.from_pandas(chunk, preserve_index=False)
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError) as error:
        reason = str(error).strip().splitlines()[-1][:200]
        raise unreadable(path, f"不是完好的 CSV({reason})", f"it is not a sound CSV ({reason})") from error


def csv_encoding(path: Path) -> str:
    """Return UTF-8, or what Chinese offices used before it; judged by the first megabyte."""
    with path.open("rb") as file:
        head = file.read(1 << 20)
    try:
        head[: head.rfind(b"\n") + 1].decode("utf-8")
    except UnicodeDecodeError:
        return "gb18030"
    return "utf-8-sig"


def _vector(path: Path, driver: str) -> pa.Table:
    try:
        with allowed_drivers(frozenset({driver})):
            points = gpd.read_file(path, layer=_fullest_layer(path))
    except (DataSourceError, DataLayerError, ValueError) as error:
        raise unreadable(path, f"不是完好的 {driver} 文件", f"it is not a sound {driver} file") from error
    if not (points.geometry.isna() | (points.geom_type == "Point")).all():
        raise unreadable(
            path, "只接受点,文件中还有其他几何类型", "only points are taken, and it holds other geometries"
        )
    points = points.to_crs(WGS84) if points.crs else points
    table = pd.DataFrame(points.drop(columns=points.geometry.name))
    table["longitude"], table["latitude"] = points.geometry.x, points.geometry.y
    return pa.Table.from_pandas(table, preserve_index=False)


def _fullest_layer(path: Path) -> str:
    """Return the layer of points with the most rows: a GPX file has its track beside its waypoints."""
    layers = [name for name, kind in pyogrio.list_layers(path) if kind is None or "Point" in kind or kind == "Unknown"]
    counts = {layer: pyogrio.read_info(path, layer=layer, force_feature_count=True)["features"] for layer in layers}
    if not counts:
        raise unreadable(path, "没有点图层", "it has no layer of points")
    return str(max(counts, key=lambda layer: counts[layer]))


def write_table(path: Path, table: pa.Table) -> None:
    """Write a table to a Parquet file or, by any other ending, to CSV. Its name appears when all of it is there."""
    part = path.with_name(f".part-{path.name}")
    try:
        if path.suffix.lower() in PARQUET:
            pq.write_table(table, part)
        else:
            part.write_bytes(csv_text(table, separator(path)).encode("utf-8-sig"))  # so that Excel reads Chinese
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def csv_text(table: pa.Table, separator: str, *, header: bool = True) -> str:
    """Return a table as CSV."""
    return str(table.to_pandas().to_csv(index=False, header=header, sep=separator))


def write_vector(path: Path, table: pa.Table, longitude: Floats, latitude: Floats) -> None:
    """Write a table as points (degrees) to a GeoJSON file or a GeoPackage."""
    points = gpd.GeoDataFrame(table.to_pandas(), geometry=gpd.points_from_xy(longitude, latitude), crs=WGS84)
    part = path.with_name(f".part-{path.name}")
    try:
        points.to_file(part, driver=VECTOR_DRIVERS[path.suffix.lower()], engine="pyogrio", layer="points")
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
