"""From one file to raw layers: every row as it is written, with the declared coordinate system."""

import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import geopandas
import pandas as pd
import pyogrio
from pyproj import CRS
from pyproj.exceptions import CRSError

from gisgrid.grid.layers.drivers import ALLOWED, FORMATS, allowed_drivers
from gisgrid.grid.layers.encodings import dbf_encoding, utf8_copy
from gisgrid.grid.layers.faults import Fault, Unusable
from gisgrid.grid.layers.kml import with_plain_names
from gisgrid.grid.layers.sources import Source

PARQUET_MARK: Final = b"PAR1"
_NOT_AREAS: Final = ("Point", "LineString", "MultiPoint", "MultiLineString")


@dataclass(frozen=True)
class RawLayer:
    """The rows of one layer as they are in the file. `crs` is what the file declares: WKT, or None.

    `frame` has a `geometry` column (shapely, any type, None where it is missing or cannot be read) and every field.
    """

    source: Source
    frame: pd.DataFrame
    driver: str
    crs: str | None
    encoding: str | None = None
    warnings: tuple[str, ...] = ()

    @property
    def declared(self) -> str:
        """The declared coordinate system in short, for people: an EPSG code or a name, or nothing."""
        if self.crs is None:
            return ""
        crs = CRS.from_user_input(self.crs)
        epsg = crs.to_epsg()
        return f"EPSG:{epsg}" if epsg else crs.name


def read_layers(
    source: Source, scratch: Path, encoding: str | None = None, *, any_geometry: bool = False
) -> Iterator[RawLayer]:
    """Yield each polygon layer of a file, or each with any geometry.

    Nothing is judged here but whether it can be read. Raises Unusable.
    """
    with source.path.open("rb") as opened:
        start = opened.read(4)
    if start == PARQUET_MARK:
        yield _read_parquet(source)
        return
    with allowed_drivers():
        file = _prepared(source, scratch, encoding)
        names, heard = _layer_names(source, file.path, () if any_geometry else _NOT_AREAS)
        for name in names:
            named = source if len(names) == 1 else replace(source, label=f"{source.label} › {name}")
            yield _read_ogr(replace(named, layer=name), file, heard)


@dataclass(frozen=True)
class _File:
    """What GDAL shall open: a path, the encoding it was in, and the real names of fields that were renamed."""

    path: Path
    encoding: str | None = None
    names: Mapping[str, str] = field(default_factory=dict)


def _prepared(source: Source, scratch: Path, encoding: str | None) -> _File:
    suffix = source.path.suffix.lower()
    if suffix in (".shp", ".shx", ".dbf"):
        return _shapefile(source, encoding)
    if suffix in (".geojson", ".json"):
        return _File(*utf8_copy(source.path, encoding, scratch))
    if suffix == ".kml":
        path, found = utf8_copy(source.path, encoding, scratch)
        plain, names = with_plain_names(path, scratch)
        return _File(plain, found, names)
    return _File(source.path)


def _shapefile(source: Source, encoding: str | None) -> _File:
    shp = next(
        (source.path.with_suffix(end) for end in (".shp", ".SHP") if source.path.with_suffix(end).exists()), None
    )
    index = [source.path.with_suffix(end) for end in (".shx", ".SHX")]
    if shp is None or not any(part.exists() for part in index):
        raise _unusable(
            source.label,
            "Shapefile 不完整:缺少 .shp 或 .shx",
            "the Shapefile is incomplete: .shp or .shx is missing",
            "把 .shp、.shx、.dbf、.prj 放在一起,或压缩成一个 .zip",
            "keep .shp, .shx, .dbf and .prj together, or zip them",
        )
    table = next((shp.with_suffix(end) for end in (".dbf", ".DBF") if shp.with_suffix(end).exists()), None)
    return _File(shp, dbf_encoding(table, encoding) if table else None)


def _layer_names(source: Source, path: Path, but: tuple[str, ...]) -> tuple[list[str], tuple[str, ...]]:
    """Return the layers to read, the wished one or all but those of some kinds, and GDAL's warnings."""
    found, heard = _asked(source, lambda: pyogrio.list_layers(path))
    usable = [name for name, kind in found if kind is not None and not str(kind).startswith(but)]
    if source.layer is not None:
        usable = [name for name, _ in found if name == source.layer]
    if usable:
        return usable, heard
    names = ", ".join(str(name) for name, _ in found) or "-"
    raise _unusable(
        source.label,
        f"没有可用的{'面' if but else ''}图层(文件里有:{names})",
        f"it has no layer {'of polygons ' if but else ''}to use (it has: {names})",
        "导出面图层;或用 文件#图层名 指明" if but else "用 文件#图层名 指明",
        "export a polygon layer, or name one as FILE#LAYER" if but else "name one as FILE#LAYER",
    )


def _read_ogr(source: Source, file: _File, heard: tuple[str, ...]) -> RawLayer:
    asked = {"layer": source.layer, "encoding": file.encoding if file.path.suffix.lower() == ".shp" else None}

    def read() -> tuple[str, pd.DataFrame]:
        driver = pyogrio.read_info(file.path, **asked)["driver"]
        return driver, pyogrio.read_dataframe(file.path, **asked, force_2d=True, on_invalid="ignore")

    (driver, frame), more = _asked(source, read)
    if driver not in ALLOWED:
        raise _no_layer(source.label, driver)
    if "geometry" not in frame:
        frame["geometry"] = None
    crs = frame.crs.to_wkt() if getattr(frame, "crs", None) else None
    rows = pd.DataFrame(frame).rename(columns=file.names)
    return RawLayer(source, rows, driver, crs, file.encoding, heard + more)


def _asked(source: Source, ask: Any) -> tuple[Any, tuple[str, ...]]:
    """Call GDAL; its errors become Unusable, its warnings words to show."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            answer = ask()
        except (RuntimeError, ValueError, OSError) as error:
            raise _no_layer(source.label, str(error)) from error
    return answer, tuple(dict.fromkeys(str(warning.message) for warning in caught))


def _read_parquet(source: Source) -> RawLayer:
    frame, heard = _asked(source, lambda: geopandas.read_parquet(source.path))
    frame = frame.rename_geometry("geometry") if frame.geometry.name != "geometry" else frame
    crs = frame.crs.to_wkt() if frame.crs else None
    return RawLayer(source, pd.DataFrame(frame), "GeoParquet", crs, None, heard)


def _no_layer(label: str, said: str) -> Unusable:
    short = said.partition("; It might help")[0][:300]
    return _unusable(
        label,
        f"读不出图层({short})",
        f"no layer can be read from it ({short})",
        f"请重新导出。可用格式:{FORMATS}",
        f"export it again. Formats: {FORMATS}",
    )


def _unusable(label: str, zh: str, en: str, remedy_zh: str, remedy_en: str) -> Unusable:
    return Unusable(Fault("file", zh, en, remedy_zh, remedy_en, file=label))


def usable_crs(text: str) -> bool:
    """Tell whether a declared system is one of the Earth: geographic or projected, not an unnamed plane."""
    try:
        crs = CRS.from_user_input(text)
    except CRSError:
        return False
    return bool(crs.is_geographic or crs.is_projected)
