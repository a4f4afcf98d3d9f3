"""Where the points of a table are: in two columns of numbers, or in one of geometries (WKB, or GeoArrow's points)."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import shapely
from numpy.typing import NDArray

from gisgrid.errors import Refused
from gisgrid.geometry import WGS84, Floats, crs_name

LONGITUDE_NAMES: Final = ("longitude", "lon", "lng", "long", "x", "经度")
LATITUDE_NAMES: Final = ("latitude", "lat", "y", "纬度")
AROUND_NUMBERS: Final = ' \t\r\n"'
_WKB_POINT: Final = np.frombuffer(b"\x01\x01\x00\x00\x00", dtype=np.uint8)  # little-endian, two-dimensional
_SAME_AS_WGS84: Final = {("OGC", "CRS84"), ("EPSG", "4326")}


class NoCoordinates(Refused):
    """A table whose columns of coordinates cannot be told."""


@dataclass(frozen=True, slots=True)
class Coordinates:
    """Which columns hold the coordinates: two of numbers, or one of geometries; None for the usual names."""

    longitude: str | None = None
    latitude: str | None = None
    geometry: str | None = None

    def columns_of(self, schema: pa.Schema) -> tuple[str, ...]:
        """Return the name of the column of geometries, or those of longitude and latitude. Raises NoCoordinates."""
        if not (self.longitude or self.latitude or self.geometry):
            declared = _declared_geometry(schema)
            if declared:
                return (declared,)
        return self.among(schema.names)

    def among(self, names: Sequence[str]) -> tuple[str, ...]:
        """Return the same for a table that is known by the names of its columns alone."""
        if self.geometry:
            return (_named(names, (self.geometry,), "--geometry"),)
        longitude = (self.longitude,) if self.longitude else LONGITUDE_NAMES
        latitude = (self.latitude,) if self.latitude else LATITUDE_NAMES
        return _named(names, longitude, "--longitude"), _named(names, latitude, "--latitude")

    def crs_of(self, schema: pa.Schema) -> str:
        """Return the coordinate system that the file declares; WGS 84 where it declares none, or has two columns.

        Raises NoCoordinates, UnknownCrs.
        """
        columns = self.columns_of(schema)
        return declared_crs(schema, columns[0]) if len(columns) == 1 else WGS84

    def of(self, table: pa.Table) -> tuple[Floats, Floats]:
        """Return x and y of n rows as float64, NaN where a row has none. Raises NoCoordinates."""
        return read_coordinates(table.select(list(self.columns_of(table.schema))))


def read_coordinates(table: pa.Table) -> tuple[Floats, Floats]:
    """Return x and y of a table of one column of geometries, or of two columns of numbers; NaN for none."""
    columns = [_plain(column) for column in table.columns]
    if len(columns) == 1:
        return _points(columns[0], table.column_names[0])
    x, y = (_numbers(column, name) for column, name in zip(columns, table.column_names, strict=True))
    return x, y


def declared_crs(schema: pa.Schema, column: str) -> str:
    """Return the coordinate system that a file declares for a column of geometries; WGS 84 where it declares none.

    Raises UnknownCrs.
    """
    told = _geo(schema).get("columns", {}).get(column, {}).get("crs") or _extension(schema.field(column)).get("crs")
    if not told:
        return WGS84
    if isinstance(told, dict):
        named = told.get("id", {})
        if (named.get("authority"), str(named.get("code"))) in _SAME_AS_WGS84:
            return WGS84
        return crs_name(json.dumps(told))
    return WGS84 if told == "OGC:CRS84" else crs_name(str(told))


def _declared_geometry(schema: pa.Schema) -> str | None:
    """Return the column that GeoParquet's metadata or GeoArrow's types say holds the geometries."""
    told = _geo(schema).get("primary_column")
    if told in schema.names:
        return str(told)
    return next((field.name for field in schema if _extension_name(field).startswith("geoarrow.")), None)


def _geo(schema: pa.Schema) -> dict[str, Any]:
    found = json.loads((schema.metadata or {}).get(b"geo", b"{}"))
    return found if isinstance(found, dict) else {}


def _extension_name(field: pa.Field) -> str:
    if isinstance(field.type, pa.BaseExtensionType):
        return str(field.type.extension_name)
    return str((field.metadata or {}).get(b"ARROW:extension:name", b""), "utf-8")


def _extension(field: pa.Field) -> dict[str, Any]:
    if isinstance(field.type, pa.BaseExtensionType):
        told = field.type.__arrow_ext_serialize__()
    else:
        told = (field.metadata or {}).get(b"ARROW:extension:metadata", b"")
    found = json.loads(told or b"{}")
    return found if isinstance(found, dict) else {}


def _named(names: Sequence[str], wanted: Sequence[str], option: str) -> str:
    """Return the one column of a name, however it is written."""
    found = [name for want in wanted for name in names if name.strip().casefold() == want.strip().casefold()]
    if not found or names.count(found[0]) > 1:
        columns, sought = ", ".join(names)[:300], " / ".join(wanted)
        raise NoCoordinates(
            f"找不到坐标列({sought}),或有重名。文件中的列:{columns}。请用 {option} 指明列名",
            f"no column {sought}, or several; the file has: {columns}. Name it with {option}",
        )
    return found[0]


def _plain(column: pa.ChunkedArray) -> pa.Array:
    """Return a column as one array of its storage type."""
    array = column.combine_chunks()
    array = array.chunk(0) if isinstance(array, pa.ChunkedArray) else array
    if isinstance(array, pa.ExtensionArray):
        array = array.storage
    return array.dictionary_decode() if isinstance(array, pa.DictionaryArray) else array


def _is_text(kind: pa.DataType) -> bool:
    """Tell whether values are texts; old writers of Parquet do not tell them from bytes."""
    return bool(
        pa.types.is_string(kind)
        or pa.types.is_large_string(kind)
        or pa.types.is_string_view(kind)
        or pa.types.is_binary(kind)
        or pa.types.is_large_binary(kind)
    )


def _numbers(column: pa.Array, name: str) -> Floats:
    kind = column.type
    if _is_text(kind):
        return _read_numbers(column)
    if not (pa.types.is_floating(kind) or pa.types.is_integer(kind) or pa.types.is_decimal(kind) or kind == pa.null()):
        raise NoCoordinates(f"列 {name} 不是数字({kind})", f"the column {name} holds no numbers ({kind})")
    return np.asarray(pc.cast(column, pa.float64(), safe=False).to_numpy(zero_copy_only=False))


def _read_numbers(texts: pa.Array) -> Floats:
    """Return the numbers that texts (strings or bytes) say, rounded correctly; NaN where they say none."""
    try:
        found = pc.cast(pc.ascii_trim(pc.cast(texts, pa.string()), characters=AROUND_NUMBERS), pa.float64())
    except pa.ArrowInvalid:
        return np.array([_number(text) for text in texts.to_pylist()], dtype=np.float64)
    return np.asarray(found.to_numpy(zero_copy_only=False))


def _number(text: str | bytes | None) -> float:
    try:
        plain = text.decode() if isinstance(text, bytes) else text
        return float((plain or "").strip(AROUND_NUMBERS))
    except ValueError:  # of which a text that is not UTF-8 is one
        return np.nan


def _points(column: pa.Array, name: str) -> tuple[Floats, Floats]:
    kind = column.type
    if pa.types.is_struct(kind) and {"x", "y"} <= {field.name for field in kind}:
        x, y = (_numbers(pc.struct_field(column, axis), name) for axis in ("x", "y"))
        return x, y
    if pa.types.is_fixed_size_list(kind) and pa.types.is_floating(kind.value_type) and kind.list_size >= 2:
        x, y = (_numbers(pc.list_element(column, axis), name) for axis in (0, 1))
        return x, y
    if pa.types.is_nested(kind) or pa.types.is_primitive(kind):
        raise NoCoordinates(f"列 {name} 不是点({kind})", f"the column {name} holds no points ({kind})")
    if kind in (pa.binary(), pa.large_binary()) and not column.null_count:
        plain = _plain_wkb(column)
        if plain is not None:
            return plain
    shapes = shapely.from_wkb(column.to_numpy(zero_copy_only=False), on_invalid="ignore")
    shapes[shapely.is_empty(shapes)] = None  # of an empty point, GEOS gives no x but an error
    return shapely.get_x(shapes), shapely.get_y(shapes)


def _plain_wkb(column: pa.Array) -> tuple[Floats, Floats] | None:
    """Return x and y if every value is the WKB of a point in its commonest form: 21 bytes, little-endian."""
    _, ends, data = column.buffers()
    kind = np.int64 if column.type == pa.large_binary() else np.int32
    bounds = np.frombuffer(ends, dtype=kind)[column.offset : column.offset + len(column) + 1]
    if not len(column) or (np.diff(bounds) != 21).any():
        return None
    points: NDArray[np.uint8] = np.frombuffer(data, dtype=np.uint8)[bounds[0] : bounds[-1]].reshape(-1, 21)
    if (points[:, :5] != _WKB_POINT).any():
        return None
    x, y = np.ascontiguousarray(points[:, 5:]).view("<f8").T
    return np.ascontiguousarray(x), np.ascontiguousarray(y)
