"""The patrollable mask: ground that patrols can and should see, read as cells are, stored in place of the former."""

from collections.abc import Sequence
from typing import Final

import geopandas
import numpy as np
import pandas as pd
from geoalchemy2.shape import from_shape
from sqlalchemy import delete
from sqlalchemy.orm import Session

from gisgrid.geometry import WGS84
from gisgrid.grid.layers.areas import areas
from gisgrid.grid.layers.faults import Fault
from gisgrid.grid.layers.fields import find_fields, words
from gisgrid.grid.layers.gather import Reading, each_layer, flags, require_rows
from gisgrid.grid.layers.pieces import Limits, area_of
from gisgrid.grid.layers.place import placed
from gisgrid.grid.layers.read import RawLayer
from gisgrid.grid.layers.rings import ring_faults
from gisgrid.grid.tables import PatrollableArea

_COLUMNS: Final = ("level", "code", "name", "is_illustrative", "file", "row", "geometry")


def read_mask(files: Sequence[str], reading: Reading, tolerance_m: float) -> tuple[geopandas.GeoDataFrame, list[Fault]]:
    """Return the patrollable areas of files (name, is_illustrative, geometry; EPSG:4326) and their faults."""
    faults: list[Fault] = []
    parts: list[pd.DataFrame] = []
    faults.extend(each_layer(files, reading, lambda raw: parts.append(_areas_of(raw, reading, faults))))
    rows = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame({name: [] for name in _COLUMNS})
    mask = geopandas.GeoDataFrame(rows, geometry="geometry", crs=WGS84)
    faults.extend(ring_faults(mask, Limits(tolerance_m, reading.metric_crs)))
    return mask, faults


def _areas_of(raw: RawLayer, reading: Reading, faults: list[Fault]) -> pd.DataFrame:
    require_rows(raw)
    chosen = find_fields(raw.frame, None, reading.fields, raw.source.label)
    found = pd.DataFrame(
        {
            "level": None,
            "code": "",
            "name": words(raw.frame, chosen.name),
            "is_illustrative": flags(raw.frame),
            "file": raw.source.label,
            "row": np.arange(1, len(raw.frame) + 1),
        }
    )
    found["geometry"] = placed(raw, areas(raw, found, faults), reading.crs, reading.metric_crs)
    return found[found["geometry"].notna()]


def store_mask(session: Session, mask: geopandas.GeoDataFrame) -> int:
    """Store patrollable areas in place of all former ones; return how many. Does not commit."""
    session.execute(delete(PatrollableArea))
    session.add_all(
        PatrollableArea(
            name=area.name,
            is_illustrative=bool(area.is_illustrative),
            geometry=from_shape(area_of(area.geometry), srid=4326),
        )
        for area in mask.itertuples(index=False)
    )
    session.flush()
    return len(mask)
