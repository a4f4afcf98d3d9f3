import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from click.testing import Result
from distributed import LocalCluster
from sqlalchemy import Engine
from typer.testing import CliRunner

from gisgrid.batch.commands import NoDask
from gisgrid.batch.crew import NoScheduler
from gisgrid.batch.join import join_folder
from gisgrid.cli import cli
from gisgrid.database import session_scope
from gisgrid.grid.layers.store import store_cells
from tests.batch.builders import GRID, ground, lay, one_by_one, tree
from tests.postgis import free_port
from tests.service import process

ON_SPATIALITE = pytest.mark.parametrize("database_url", ["spatialite"], indirect=True)

Run = Callable[..., Result]


@pytest.fixture
def home(engine: Engine, tmp_path: Path) -> Path:
    """An installation with two grids and a directory of points."""
    with session_scope(engine, write=True) as session:
        for first in (date(2026, 1, 1), date(2026, 11, 22)):
            store_cells(session, GRID.cells, name="t", source="t", first_day=first, metric_crs="EPSG:4547")
    engine.dispose()
    lay(tmp_path / "in", 500)
    return tmp_path


@pytest.fixture
def run(home: Path, database_url: str) -> Run:
    environment = {"GISGRID_HOME": str(home), "GISGRID_DATABASE_URL": database_url}

    def run(command: str, target: str, *options: str) -> Result:
        arguments = ["batch", command, str(home / "in"), str(home / target), *options]
        return CliRunner().invoke(cli, arguments, env=environment)

    return run


@ON_SPATIALITE
def test_join_with_processes_of_its_own(home: Path, database_url: str) -> None:
    counts = join_folder(one_by_one, home / "in", home / "alone", ground())
    joined = process("batch", "join", "in", "out", "--workers", "1", home=home, GISGRID_DATABASE_URL=database_url)
    assert (joined.returncode, joined.stdout) == (
        0,
        f"{counts['rows']} 行,网格之外 {counts['outside']} 行(其中无坐标 {counts['without_coordinates']} 行),"
        f"无时间 {counts['undated']} 行 → out\n"
        f"2000 rows, {counts['outside']} outside ({counts['without_coordinates']} of them without coordinates), "
        f"{counts['undated']} without a time\n",
    )
    assert "joining" in joined.stderr
    assert "2000/2000" in joined.stderr
    assert tree(home / "out") == tree(home / "alone")


@ON_SPATIALITE
def test_a_running_cluster_does_the_work_and_goes_on_running(home: Path, run: Run) -> None:
    with LocalCluster(n_workers=1, threads_per_worker=2, host="127.0.0.1", dashboard_address="127.0.0.1:0") as cluster:
        joined = run("join", "out", "--scheduler", cluster.scheduler_address, "--day", "2026-11-22")
        assert joined.exit_code == 0, joined.output
        counted = run("count", "out.csv", "--scheduler", cluster.scheduler_address)
        assert counted.exit_code == 0, counted.output
        assert len(cluster.scheduler.workers) == 1
    figures = pd.read_csv(home / "out.csv", dtype={"code": str})
    assert f"{len(figures)} 行 rows" in counted.stdout
    assert figures.loc[figures["level"] == "street", "check_ins"].sum() == 2000
    assert (home / "out" / "day=2026-11-22" / "substation=440307009001001").is_dir()


@ON_SPATIALITE
def test_what_is_not_installed_is_named(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "gisgrid.batch.crew")
    monkeypatch.setitem(sys.modules, "distributed", None)
    error = run("join", "out").exception
    assert isinstance(error, NoDask)
    assert "pip install gisgrid[batch]" in error.zh
    assert "pip install gisgrid[batch]" in error.en


@ON_SPATIALITE
def test_mistakes_are_told(run: Run) -> None:
    address = f"tcp://127.0.0.1:{free_port()}"
    assert run("join", "out", "--workers", "0").exit_code == 2
    assert run("join", "out", "--workers", "2", "--scheduler", address).exit_code == 2
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("gisgrid.batch.crew.CONNECT_S", 1)
        assert isinstance(run("count", "out.csv", "--scheduler", address).exception, NoScheduler)


def test_other_commands_do_not_wait_for_dask() -> None:
    loaded = "import gisgrid.cli, sys; sys.exit('distributed' in sys.modules or 'dask' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", loaded], check=False).returncode == 0
