"""A first start, on both databases, also after one that was interrupted."""

import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.engine import make_url

from gisgrid import initialise as module
from gisgrid.coverage.tables import KeptDay
from gisgrid.database import make_engine, session_scope
from gisgrid.grid.tables import Cell, LayerSet
from gisgrid.incidents.reports import incidents_frame
from gisgrid.initialise import initialise
from gisgrid.migrations import downgrade, open_session, require_current
from gisgrid.patrols.fixes import fixes_frame
from gisgrid.patrols.plans.report import plan_report
from gisgrid.patrols.plans.tables import Plan
from gisgrid.patrols.tables import Checkpoint, Fix, Patroller
from gisgrid.sample.load import GridThere
from gisgrid.sample.people import InRealUse
from gisgrid.settings import Settings
from gisgrid.staff.tables import Person
from tests.postgis import Cluster
from tests.service import gisgrid
from tests.staff.callers import person

ONLY_SPATIALITE = pytest.mark.parametrize("database_url", ["spatialite"], indirect=True)
ONLY_POSTGIS = pytest.mark.parametrize("database_url", ["postgis"], indirect=True)


@pytest.fixture
def fresh(new_database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A home with nothing in it; the sample has two days, the second of which has perhaps not begun."""
    monkeypatch.setattr(module, "SAMPLE_DAYS", 2)
    return Settings(home=tmp_path / "home", database_url=new_database_url)


def test_the_sample_is_there_after_a_first_start(fresh: Settings) -> None:
    initialise(fresh, with_sample=True)
    with open_session(fresh.database_url) as session:
        counts = session.execute(select(Cell.level, func.count()).group_by(Cell.level))
        assert dict(counts.all()) == {"street": 1, "community": 9, "substation": 22}
        assert session.scalar(select(func.count()).select_from(Cell).where(~Cell.is_illustrative)) == 0
        assert all(session.scalar(select(func.count()).select_from(table)) for table in (Fix, Checkpoint))
        fixes, incidents = fixes_frame(session), incidents_frame(session)
        plans = session.scalars(select(Plan).order_by(Plan.id)).all()
        report = plan_report(session, fresh, plans[0].id, datetime.now(UTC))
        assert session.scalar(select(func.count()).where(Checkpoint.code_days.is_not(None))) == 1
        assert session.scalar(select(func.count()).select_from(KeptDay)) == 1
    assert [plan.is_operation for plan in plans] == [False, False, False, True]
    assert report.rounds.done > 0
    assert report.gaps.opened == report.rounds.missed > 0
    latest = max(fixes["fix_at"].max(), fixes["received_at"].max(), incidents["reported_at"].max())
    assert latest <= datetime.now(UTC)
    yesterday = datetime.now(fresh.zone).date() - timedelta(days=1)
    assert fixes["fix_at"].min().tz_convert(fresh.zone).date() == yesterday
    assert (fresh.home / "data").is_dir()
    assert fresh.maps.is_dir()


@ONLY_SPATIALITE
def test_the_new_file_is_whole_and_alone(fresh: Settings) -> None:
    initialise(fresh, with_sample=False)
    file = Path(str(make_url(fresh.database_url).database))
    assert [path.name for path in file.parent.iterdir()] == [file.name]


def test_a_second_time_keeps_the_rows_and_brings_the_database_up_to_date(engine: Engine, settings: Settings) -> None:
    with session_scope(engine, write=True) as session:
        session.add(Patroller(ref="P1"))
    engine.dispose()
    initialise(settings, with_sample=False)
    with session_scope(engine) as session:
        assert session.scalar(select(func.count()).select_from(Patroller)) == 1
    downgrade(engine)
    engine.dispose()
    initialise(settings, with_sample=False)
    require_current(engine)


def test_the_sample_never_joins_real_people(fresh: Settings) -> None:
    initialise(fresh, with_sample=False)
    with open_session(fresh.database_url, write=True) as session:
        person(session, ("administrator", None))
    with pytest.raises(InRealUse, match="GISGRID_HOME"):
        initialise(fresh, with_sample=True)
    with open_session(fresh.database_url) as session:
        assert session.scalar(select(func.count()).select_from(Person)) == 1
        assert session.scalar(select(func.count()).select_from(LayerSet)) == 0


@ONLY_SPATIALITE
def test_the_file_is_for_the_account_of_the_service_alone(fresh: Settings) -> None:
    initialise(fresh, with_sample=False)
    file = Path(str(make_url(fresh.database_url).database))
    assert file.stat().st_mode & 0o777 == 0o600
    assert (fresh.home / "data").stat().st_mode & 0o777 == 0o700


def test_the_sample_never_mixes_with_a_grid(fresh: Settings) -> None:
    initialise(fresh, with_sample=True)
    with pytest.raises(GridThere, match="示例"):
        initialise(fresh, with_sample=True)


@ONLY_SPATIALITE
def test_an_interrupted_first_start_leaves_no_database_and_the_next_one_succeeds(fresh: Settings) -> None:
    file = Path(str(make_url(fresh.database_url).database))
    command = [sys.executable, "-m", "gisgrid", "init", "--sample"]
    environment = {"GISGRID_HOME": str(fresh.home), "GISGRID_DATABASE_URL": fresh.database_url}
    with subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL) as process:
        while not file.with_name(f"{file.name}.part").exists() and process.poll() is None:
            time.sleep(0.01)
        process.kill()
    assert not file.exists()
    initialise(fresh, with_sample=True)
    with open_session(fresh.database_url) as session:
        assert session.scalar(select(func.count()).select_from(Fix))
    assert [path.name for path in file.parent.iterdir()] == [file.name]


@ONLY_POSTGIS
def test_a_database_without_postgis_is_told_to_an_account_that_cannot_add_it(
    postgis: Cluster, database_url: str, tmp_path: Path
) -> None:
    postgis.sql("CREATE ROLE plain LOGIN")
    postgis.sql("CREATE DATABASE plain OWNER plain")
    try:
        url = postgis.url("plain").replace("postgres@", "plain@")
        done = gisgrid("init", home=tmp_path, GISGRID_DATABASE_URL=url)
    finally:
        postgis.sql("DROP DATABASE plain WITH (FORCE)")
        postgis.sql("DROP ROLE plain")
    assert done.returncode == 1
    assert "NoPostgis" in done.stderr
    assert "CREATE EXTENSION postgis" in done.stderr.replace("\n", " ")


@ONLY_POSTGIS
def test_the_address_is_shown_without_its_password(new_database_url: str, tmp_path: Path) -> None:
    done = gisgrid(
        "init", home=tmp_path, GISGRID_DATABASE_URL=new_database_url.replace("postgres@", "postgres:secret@")
    )
    assert done.returncode == 0, done.stderr
    assert "secret" not in done.stdout + done.stderr
    engine = make_engine(new_database_url)
    require_current(engine)
    engine.dispose()
