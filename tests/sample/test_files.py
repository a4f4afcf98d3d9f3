import json
import subprocess
import sys
from pathlib import Path

from gisgrid.sample.files import write_sample

SHIPPED = Path(__file__).parents[2] / "data" / "kuichong"
NAMES = ["street", "communities", "substations", "patrollable", "checkpoints", "ways", "sea"]


def test_a_rebuild_gives_the_same_bytes(tmp_path: Path) -> None:
    written = write_sample(tmp_path / "new")
    assert [path.stem for path in written] == NAMES
    assert sorted(path.name for path in SHIPPED.iterdir()) == sorted(path.name for path in written)
    for path in written:
        assert path.read_bytes() == (SHIPPED / path.name).read_bytes(), path.name


def test_another_process_gives_the_same_bytes(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "gisgrid.sample", str(tmp_path)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, env={"PYTHONHASHSEED": "7"})
    assert done.stdout.split() == [str(tmp_path / f"{name}.geojson") for name in NAMES]
    for path in tmp_path.iterdir():
        assert path.read_bytes() == (SHIPPED / path.name).read_bytes(), path.name


def test_every_feature_says_that_it_is_illustrative() -> None:
    for name in NAMES:
        features = json.loads((SHIPPED / f"{name}.geojson").read_text(encoding="utf-8"))["features"]
        assert all(feature["properties"]["is_illustrative"] is True for feature in features)


def test_the_street_has_no_parent() -> None:
    (street,) = json.loads((SHIPPED / "street.geojson").read_text(encoding="utf-8"))["features"]
    assert street["properties"]["parent_code"] is None
