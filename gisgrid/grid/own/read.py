"""From files to the features of a layer: any kind of geometry, in any system and encoding, with a name where one is."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from gisgrid.errors import Refused
from gisgrid.grid.layers.faults import Fault, Unusable
from gisgrid.grid.layers.fields import Fields, field_names, find_fields, present, words
from gisgrid.grid.layers.gather import Reading, each_layer, require_rows
from gisgrid.grid.layers.place import placed
from gisgrid.grid.layers.read import RawLayer
from gisgrid.grid.own.tables import Kind

NAMES: Final = (
    *(
        "地址",
        "门牌",
        "门牌号",
        "门牌地址",
        "标准地址",
        "详细地址",
        "地名",
        "address",
        "addr",
        "full_addr",
        "dz",
        "mph",
    ),
    *("道路名称", "道路名", "路名", "街巷名称", "road_name", "roadname", "street_nam", "dlmc"),
    *("建筑名称", "楼栋名称", "楼名", "building", "bldg_name", "jzmc"),
)
"""What the field of a name is called besides its usual names."""
DIMENSIONS: Final[dict[int, Kind]] = {0: "point", 1: "line", 2: "area"}


class BadOwnLayer(Refused):
    """A file that gives no layer."""


@dataclass
class Read:
    """What files hold: n geometries (EPSG:4326) and n names, "" for none; `columns` are the fields of the names.

    `left_out` counts the rows that have no geometry, or one with a coordinate that is no number.
    """

    geometries: NDArray[np.object_] = field(default_factory=lambda: np.empty(0, dtype=object))
    names: list[str] = field(default_factory=list)
    columns: list[str | None] = field(default_factory=list)
    left_out: int = 0

    @property
    def kind(self) -> Kind:
        """What kind of geometries they are."""
        found = set(shapely.get_dimensions(self.geometries).tolist())
        return DIMENSIONS[found.pop()] if len(found) == 1 else "mixed"


def read_own(files: Sequence[str], reading: Reading) -> Read:
    """Read every `FILE[#LAYER]`; the name is in the field that `reading.fields` says, or is guessed.

    Raises BadOwnLayer, UnknownCrs.
    """
    read = Read()
    faults = each_layer(files, replace(reading, any_geometry=True), lambda raw: _add(read, raw, reading))
    if faults:
        first = faults[0]
        raise BadOwnLayer(f"{first.file}:{first.zh};{first.remedy_zh}", f"{first.file}: {first.en}; {first.remedy_en}")
    if not len(read.geometries):
        raise BadOwnLayer("文件里没有可用的几何;请重新导出", "there is no geometry to use; export it again")
    return read


def _add(read: Read, raw: RawLayer, reading: Reading) -> None:
    require_rows(raw)
    column = _name_column(raw, reading.fields)
    there = raw.frame["geometry"].to_numpy(dtype=object)
    is_there = ~(shapely.is_missing(there) | shapely.is_empty(there))
    found = placed(raw, there[is_there], reading.crs, reading.metric_crs) if is_there.any() else there[:0]
    is_sound = np.isfinite(shapely.bounds(found)).all(axis=1)
    names = np.array(words(raw.frame, column), dtype=object)[is_there][is_sound]
    read.geometries = np.append(read.geometries, found[is_sound])
    read.names += names.tolist()
    read.columns.append(column)
    read.left_out += len(there) - int(is_sound.sum())


def _name_column(raw: RawLayer, wished: Fields) -> str | None:
    """Return the field of the names, wished or guessed; None for none. Raises Unusable."""
    columns = field_names(raw.frame)
    real, missing = present(columns, wished)
    if missing:
        there = ", ".join(columns) or "-"
        zh, en = f"没有字段 {missing[0]}(有:{there})", f"there is no field {missing[0]} (there are: {there})"
        raise Unusable(Fault("field", zh, en, "改正 --name-column", "correct --name-column", file=raw.source.label))
    if real.name:
        return real.name
    folded = {column.strip().casefold(): column for column in columns}
    guessed = next((folded[name] for name in NAMES if name in folded), None)
    return guessed or find_fields(raw.frame, None, Fields(), raw.source.label).name
