"""From raw layers of any number of files to one frame of cells, and everything in them that is no cell."""

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

import geopandas
import numpy as np
import pandas as pd

from gisgrid.geometry import WGS84, crs_name
from gisgrid.grid.layers.areas import areas, strays
from gisgrid.grid.layers.faults import LEVEL_NAMES, Fault, Unusable
from gisgrid.grid.layers.fields import Fields, field_names, find_fields, find_level_field, present, tidied, words
from gisgrid.grid.layers.levels import level_in_name, level_of_code, level_of_value
from gisgrid.grid.layers.place import placed
from gisgrid.grid.layers.read import RawLayer, read_layers
from gisgrid.grid.layers.sources import Source, find_sources
from gisgrid.grid.layers.understood import Understood, field_faults, unknown_levels
from gisgrid.grid.tables import LEVELS

COLUMNS: Final = (
    "level",
    "code",
    "name",
    "parent_code",
    "parent_name",
    "is_illustrative",
    "note",
    "file",
    "row",
    "geometry",
)


@dataclass(frozen=True)
class Reading:
    """How files are to be read: what the person said about encoding, coordinate system and fields.

    Layers that can hold no areas are left out, unless `any_geometry` is wanted.
    """

    metric_crs: str
    encoding: str | None = None
    crs: str | None = None
    fields: Fields = field(default_factory=Fields)
    live_database: Path | None = None
    any_geometry: bool = False


@dataclass
class Gathered:
    """All cells of all files (columns COLUMNS, EPSG:4326, in the order of the files) and what was wrong with reading.

    A cell without a code has code ""; `parent_code` is what the file says (a code or a name), or "". `unread` are the
    levels of files that gave no cell at all; every level where a file does not say which it holds.
    """

    cells: geopandas.GeoDataFrame
    faults: list[Fault] = field(default_factory=list)
    layers: list[Understood] = field(default_factory=list)
    unread: set[str] = field(default_factory=set)


def gather(files: Sequence[str], reading: Reading) -> Gathered:
    """Read every `[LEVEL=]FILE[#LAYER]`; an unusable file is a fault; the others are read all the same."""
    gathered = Gathered(geopandas.GeoDataFrame({name: [] for name in COLUMNS}, geometry="geometry", crs=WGS84))
    parts: list[pd.DataFrame] = []
    unusable = each_layer(files, reading, lambda raw: parts.append(_cells_of(raw, reading, gathered)))
    gathered.faults.extend([*unusable, *field_faults(gathered.layers, reading.fields)])
    for fault in unusable:
        level = fault.level or level_in_name(fault.file)
        gathered.unread.update([level] if level else LEVELS)
    if parts:
        cells = pd.concat(parts, ignore_index=True)
        gathered.cells = geopandas.GeoDataFrame(cells, geometry="geometry", crs=WGS84)
    return gathered


def each_layer(files: Sequence[str], reading: Reading, use: Callable[[RawLayer], None]) -> list[Fault]:
    """Hand each layer of each file to `use`; return why some could not be read or used."""
    faults: list[Fault] = []
    with tempfile.TemporaryDirectory(prefix="gisgrid-") as scratch:
        for number, argument in enumerate(files):
            folder = Path(scratch) / str(number)
            folder.mkdir()
            try:
                sources = find_sources(argument, folder, reading.live_database)
            except Unusable as error:
                faults.append(error.fault)
                continue
            for source in sources:
                faults.extend(_each_of(source, folder, reading, use))
    return faults


def _each_of(source: Source, scratch: Path, reading: Reading, use: Callable[[RawLayer], None]) -> list[Fault]:
    faults: list[Fault] = []
    try:
        for raw in read_layers(source, scratch, reading.encoding, any_geometry=reading.any_geometry):
            try:
                use(raw)
            except Unusable as error:
                faults.append(replace(error.fault, level=source.level))
    except Unusable as error:
        faults.append(replace(error.fault, level=source.level))
    except OSError as error:  # no permission, a broken disk, a file that is gone by now
        what = (f"文件打不开({error.strerror})", f"the file cannot be opened ({error.strerror})")
        faults.append(Fault("file", *what, "检查权限和磁盘", "check permissions and the disk", file=source.label))
    return faults


def _cells_of(raw: RawLayer, reading: Reading, gathered: Gathered) -> pd.DataFrame:
    label = raw.source.label
    require_rows(raw)
    name_level = raw.source.level or level_in_name(raw.source.layer or "") or level_in_name(Path(label).stem)
    wished = present(field_names(raw.frame), reading.fields)[0]
    has_level_field = raw.source.level is None and find_level_field(raw.frame, wished) is not None
    chosen = find_fields(raw.frame, None if has_level_field else name_level, wished, label)
    cells = _rows_of(raw, chosen)
    levels, origin = _levels(raw, cells["code"].tolist(), chosen if has_level_field else Fields(), name_level)
    cells["level"] = levels
    cells["geometry"] = placed(raw, areas(raw, cells, gathered.faults), reading.crs, reading.metric_crs)
    layer = _understood(raw, chosen, levels, origin, reading)
    gathered.layers.append(layer)
    gathered.faults.extend(_tidied_codes(raw, chosen, cells))
    gathered.faults.extend(unknown_levels(cells, layer, words(raw.frame, chosen.level)))
    gathered.faults.extend(strays(cells, reading.metric_crs))
    is_cell = cells["level"].notna() & cells["geometry"].notna()
    if not is_cell.any():
        gathered.unread.update({level for level in levels if level} or LEVELS)
    return cells[is_cell][list(COLUMNS)]


def _rows_of(raw: RawLayer, chosen: Fields) -> pd.DataFrame:
    """Return what the fields of a layer say, a row for each of its own, without level and geometry."""
    return pd.DataFrame(
        {
            "code": [tidied(word) for word in words(raw.frame, chosen.code)],
            "name": words(raw.frame, chosen.name),
            "parent_code": [_parent(word) for word in words(raw.frame, chosen.parent)],
            "parent_name": words(raw.frame, chosen.parent_name),
            "is_illustrative": flags(raw.frame),
            "note": words(raw.frame, _own(raw.frame, "note", "备注")),
            "file": raw.source.label,
            "row": np.arange(1, len(raw.frame) + 1),
        }
    )


def _parent(word: str) -> str:
    plain = tidied(word)
    return plain if plain.isdecimal() else word  # a name may have spaces


def _tidied_codes(raw: RawLayer, chosen: Fields, cells: pd.DataFrame) -> list[Fault]:
    written = words(raw.frame, chosen.code)
    changed = [(word, code) for word, code in zip(written, cells["code"], strict=True) if word != code]
    if not changed:
        return []
    word, code = changed[0]
    return [
        Fault(
            "code",
            f"{len(changed)} 个编码去掉了空白或 .0,如 {word!r} 读作 {code!r}",
            f"white space or .0 was taken off {len(changed)} codes: {word!r} is read as {code!r}",
            "核对编码,最好在文件里改正",
            "check the codes, and correct them in the file",
            file=raw.source.label,
            codes=tuple(code for _, code in changed),
            is_note=True,
        )
    ]


def require_rows(raw: RawLayer) -> None:
    """Raise Unusable where a layer has no rows."""
    if raw.frame.empty:
        what = ("图层里没有要素", "the layer has no features")
        raise Unusable(Fault("file", *what, "请重新导出", "export it again", file=raw.source.label))


def _own(frame: pd.DataFrame, *names: str) -> str | None:
    return next((name for name in names if name in frame.columns), None)


def flags(frame: pd.DataFrame) -> list[bool]:
    """Return which rows say that they are illustrative."""
    return [word.casefold() in ("true", "1", "t", "yes", "是") for word in words(frame, _own(frame, "is_illustrative"))]


def _levels(
    raw: RawLayer, codes: list[str], chosen: Fields, name_level: str | None
) -> tuple[list[str | None], tuple[str, str]]:
    """Return the level of each row and how it was known: said, by a field, by a name, or by the codes."""
    if raw.source.level is not None:
        return [raw.source.level] * len(codes), ("已指定", "as told")
    if chosen.level is not None:
        values = words(raw.frame, chosen.level)
        return [level_of_value(value) for value in values], (f"字段 {chosen.level}", f"field {chosen.level}")
    if name_level is not None:
        return [name_level] * len(codes), ("按名称推断", "guessed from the name")
    return [level_of_code(code) for code in codes], ("按编码位数推断", "guessed from the length of the codes")


def _understood(
    raw: RawLayer, chosen: Fields, levels: list[str | None], origin: tuple[str, str], reading: Reading
) -> Understood:
    counts = {level: levels.count(level) for level in LEVEL_NAMES if level in levels}
    declared = raw.declared or "-"
    used = crs_name(reading.crs) if reading.crs else declared
    return Understood(
        raw.source.label,
        len(levels),
        raw.driver,
        raw.encoding or "UTF-8",
        used if used == declared else f"{used} (--crs; {declared})",
        ", ".join(f"{' '.join(LEVEL_NAMES[level])} {count}" for level, count in counts.items()),
        origin,
        chosen,
        tuple(field_names(raw.frame)),
        raw.warnings,
    )
