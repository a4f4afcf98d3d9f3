"""Write the sample's layers as GeoJSON: the same bytes each time."""

import json
from pathlib import Path

import geopandas

from gisgrid.geometry import feature
from gisgrid.sample.cells import sample_cells
from gisgrid.sample.checkpoints import sample_checkpoints
from gisgrid.sample.patrollable import sample_patrollable
from gisgrid.sample.sea import sample_sea
from gisgrid.sample.ways import sample_ways


def write_sample(folder: Path) -> list[Path]:
    """Write street, communities, substations, patrollable, checkpoints, ways, sea into a folder; return the files."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, layer in _layers().items():
        path = folder / f"{name}.geojson"
        path.write_text(_geojson(name, layer), encoding="utf-8", newline="\n")
        written.append(path)
    return written


def _layers() -> dict[str, geopandas.GeoDataFrame]:
    cells = sample_cells()
    return {
        "street": cells[cells["level"] == "street"],
        "communities": cells[cells["level"] == "community"],
        "substations": cells[cells["level"] == "substation"],
        "patrollable": sample_patrollable(),
        "checkpoints": sample_checkpoints(),
        "ways": sample_ways(),
        "sea": sample_sea(),
    }


def _geojson(name: str, layer: geopandas.GeoDataFrame) -> str:
    """One feature a line, so that a change of one cell is a change of one line."""
    rows = layer.drop(columns="geometry").to_dict("records")
    lines = [
        json.dumps(feature(shape, row), ensure_ascii=False) for shape, row in zip(layer.geometry, rows, strict=True)
    ]
    features = ",\n".join(lines)
    return f'{{"type": "FeatureCollection", "name": "{name}", "features": [\n{features}\n]}}\n'
