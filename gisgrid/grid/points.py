"""Tables of points of any length, read and written a slice at a time: CSV, Parquet, GeoJSON, GeoPackage, GPX."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio
import shapely
from pyogrio.errors import DataLayerError, DataSourceError

from gisgrid.errors import NotFound, Refused
from gisgrid.geometry import WGS84, Floats
from gisgrid.grid.layers.drivers import allowed_drivers

SLICE = 250_000  # rows; some tens of megabytes
LONGITUDE_NAMES = ("longitude", "lon", "lng", "long", "x", "经度")
LATITUDE_NAMES = ("latitude", "lat", "y", "纬度")
VECTOR_DRIVERS = {".geojson": "GeoJSON", ".json": "GeoJSON", ".gpkg": "GPKG", ".gpx": "GPX"}


class NoSuchFile(NotFound):
    """A file that is not there."""


class UnreadablePoints(Refused):
    """A file that holds no readable table of points."""


class NoCoordinates(Refused):
    """A table whose columns of longitude and latitude cannot be told."""


@dataclass(frozen=True, slots=True)
class Coordinates:
    """Which columns hold the coordinates; None for the usual names."""

    longitude: str | None = None
    latitude: str | None = None

    def of(self, table: pa.Table) -> tuple[Floats, Floats]:
        """Return x and y of n rows as float64, NaN where a row has none. Raises NoCoordinates."""
        geometry = _geometry_column(table.schema)
        if geometry and not (self.longitude or self.latitude):
            shapes = shapely.from_wkb(table[geometry].to_numpy(), on_invalid="ignore")
            return shapely.get_x(shapes), shapely.get_y(shapes)
        x, y = self.longitude or LONGITUDE_NAMES, self.latitude or LATITUDE_NAMES
        return _numbers(table, x), _numbers(table, y)


def _geometry_column(schema: pa.Schema) -> str | None:
    return "geometry" if b"geo" in (schema.metadata or {}) and "geometry" in schema.names else None


def _numbers(table: pa.Table, wanted: str | tuple[str, ...]) -> Floats:
    names = {name.strip().lower(): name for name in table.column_names}
    candidates = (wanted.lower(),) if isinstance(wanted, str) else wanted
    found = next((names[candidate] for candidate in candidates if candidate in names), None)
    if found is None:
        columns, sought = ", ".join(table.column_names)[:300], " / ".join(candidates)
        raise NoCoordinates(
            f"找不到坐标列({sought})。文件中的列:{columns}。请用 --longitude、--latitude 指明列名",
            f"no column {sought}; the file has: {columns}. Name them with --longitude and --latitude",
        )
    column = table[found]
    if pa.types.is_floating(column.type) and not column.null_count:
        return np.asarray(column.to_numpy(), dtype=np.float64)
    return np.asarray(pd.to_numeric(column.to_pandas(), errors="coerce"), dtype=np.float64)


def read_slices(path: Path) -> tuple[Iterator[pa.Table], int]:
    """Return the slices of a table of points, and how many rows to expect (0 when only reading would tell).

    Raises NoSuchFile, UnreadablePoints; while iterating, UnreadablePoints.
    """
    if not path.is_file():
        raise NoSuchFile(f"没有这个文件:{path}", f"there is no such file: {path}")
    suffix = path.suffix.lower()
    if suffix in (".parquet", ".geoparquet"):
        return _parquet(path)
    if suffix in VECTOR_DRIVERS:
        table = _vector(path, VECTOR_DRIVERS[suffix])
        return iter([table]), table.num_rows
    if suffix in (".csv", ".txt", ".tsv"):
        return _csv(path, "\t" if suffix == ".tsv" else ","), 0
    raise _unreadable(
        path, "可读:.csv .tsv .parquet .geojson .gpkg .gpx", "readable are .csv .tsv .parquet .geojson .gpkg .gpx"
    )


def _unreadable(path: Path, zh: str, en: str) -> UnreadablePoints:
    return UnreadablePoints(f"{path.name} 无法读取:{zh}", f"cannot read {path.name}: {en}")


def _parquet(path: Path) -> tuple[Iterator[pa.Table], int]:
    try:
        file = pq.ParquetFile(path, memory_map=True)
    except (pa.ArrowInvalid, OSError) as error:
        raise _unreadable(path, "不是有效的 Parquet 文件", "it is not a Parquet file") from error
    schema = file.schema_arrow
    batches = file.iter_batches(batch_size=SLICE)
    return (pa.Table.from_batches([batch], schema=schema) for batch in batches), file.metadata.num_rows


def _csv(path: Path, separator: str) -> Iterator[pa.Table]:
    """Every value stays the text it was: a code keeps its leading zero."""
    try:
        with pd.read_csv(
            path, sep=separator, dtype=str, keep_default_na=False, chunksize=SLICE, encoding=_encoding(path)
        ) as chunks:
            for chunk in chunks:
                yield pa.Table.from_pandas(chunk, preserve_index=False)
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError) as error:
        reason = str(error).strip().splitlines()[-1][:200]
        raise _unreadable(path, f"不是完好的 CSV({reason})", f"it is not a sound CSV ({reason})") from error


def _encoding(path: Path) -> str:
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
        raise _unreadable(path, f"不是完好的 {driver} 文件", f"it is not a sound {driver} file") from error
    if not (points.geometry.isna() | (points.geom_type == "Point")).all():
        raise _unreadable(
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
        raise _unreadable(path, "没有点图层", "it has no layer of points")
    return str(max(counts, key=lambda layer: counts[layer]))


class PointWriter(AbstractContextManager["PointWriter"]):
    """Writes tables one after the other into one file, whose ending says its format.

    The file appears under its name only when everything is in it. Raises UnreadablePoints for an unknown ending.
    """

    def __init__(self, path: Path, coordinates: Coordinates) -> None:
        self._path = path
        self._part = path.with_name(f".part-{path.name}")
        self._coordinates = coordinates
        self._open = ExitStack()
        self._sink: Any = None
        self._kept: list[pa.Table] = []
        self.write = self._writer(path.suffix.lower())

    def _writer(self, suffix: str) -> Callable[[pa.Table], None]:
        if suffix in (".parquet", ".geoparquet"):
            return self._write_parquet
        if suffix in (".csv", ".txt", ".tsv"):
            return self._write_csv
        if suffix in (".geojson", ".json", ".gpkg"):
            return self._kept.append
        raise UnreadablePoints(
            f"不能写成 {self._path.name}。可写:.csv .parquet .geojson .gpkg",
            f"cannot write {self._path.name}; writable are .csv .parquet .geojson .gpkg",
        )

    def _write_parquet(self, table: pa.Table) -> None:
        if self._sink is None:
            self._sink = self._open.enter_context(pq.ParquetWriter(self._part, table.schema))
        self._sink.write_table(table)

    def _write_csv(self, table: pa.Table) -> None:
        first = self._sink is None
        if first:
            self._sink = self._open.enter_context(self._part.open("w", encoding="utf-8-sig", newline=""))
        separator = "\t" if self._path.suffix.lower() == ".tsv" else ","
        table.to_pandas().to_csv(self._sink, index=False, header=first, sep=separator)

    def _write_vector(self) -> None:
        table = pa.concat_tables(self._kept)
        x, y = self._coordinates.of(table)
        points = gpd.GeoDataFrame(table.to_pandas(), geometry=gpd.points_from_xy(x, y), crs=WGS84)
        driver = VECTOR_DRIVERS[self._path.suffix.lower()]
        points.to_file(self._part, driver=driver, engine="pyogrio", layer="points")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()
        if kind is None:
            if self._kept:
                self._write_vector()
            self._part.replace(self._path)
        else:
            self._part.unlink(missing_ok=True)
