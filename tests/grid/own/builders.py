"""Own layers of the tests, in files and in the database."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Engine

from gisgrid.audit.record import OPERATOR
from gisgrid.grid.own.read import Read
from gisgrid.grid.own.store import Wish, store_own
from tests.laid import SPOT

X, Y = SPOT


def write_geojson(
    path: Path, features: Sequence[tuple[BaseGeometry | None, dict[str, Any]]], encoding: str = "utf-8"
) -> Path:
    """Write features, each a geometry and its properties."""
    made = [
        {"type": "Feature", "properties": properties, "geometry": shape and json.loads(shapely.to_geojson(shape))}
        for shape, properties in features
    ]
    text = json.dumps({"type": "FeatureCollection", "features": made}, ensure_ascii=False)
    path.write_text(text, encoding=encoding)
    return path


def put(engine: Engine, name: str, shapes: Sequence[BaseGeometry], names: Sequence[str] = (), **wish: Any) -> None:
    """Store a layer."""
    read = Read(np.array(shapes, dtype=object), list(names) or [""] * len(shapes))
    store_own(engine, OPERATOR, Wish(name, **wish), read)


def put_addresses(engine: Engine, *names: str) -> None:
    """Store addresses, side by side from SPOT eastward, a ten-thousandth of a degree apart."""
    put(engine, "addresses", [shapely.Point(X + 1e-4 * at, Y) for at in range(len(names))], names)
