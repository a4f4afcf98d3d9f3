from datetime import datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest
from sqlalchemy import Engine, func, select
from typer.testing import CliRunner, Result

from gisgrid.audit.record import OPERATOR
from gisgrid.cli import cli
from gisgrid.database import session_scope
from gisgrid.grid.locate import NoGrid
from gisgrid.patrols.fixes import fixes_frame
from gisgrid.patrols.tables import Fix
from gisgrid.sample.cells import sample_cells
from gisgrid.sample.simulate import SHANGHAI
from gisgrid.staff.appointments import grant
from gisgrid.staff.devices import add_key
from gisgrid.staff.people import person_of
from tests.grid.builders import nested_squares
from tests.laid import COMMUNITY, lay
from tests.sample.test_store import load
from tests.staff.builders import hire


@pytest.fixture(autouse=True)
def _here(monkeypatch: pytest.MonkeyPatch, database_url: str, tmp_path: Path) -> None:
    monkeypatch.setenv("GISGRID_DATABASE_URL", database_url)
    monkeypatch.setenv("GISGRID_HOME", str(tmp_path))


def gisgrid(*words: str) -> Result:
    return CliRunner().invoke(cli, words)


def test_patrols_go_into_the_database(engine: Engine) -> None:
    with session_scope(engine, write=True) as session:
        load(session, nested_squares())
    done = gisgrid("simulate", "--days", "2", "--until", "2026-11-22", "--seed", "3", "--patrollers", "5")
    assert done.exit_code == 0, done.output
    with session_scope(engine) as session:
        stored = session.scalar(select(func.count()).select_from(Fix))
        days = fixes_frame(session)["fix_at"].dt.tz_convert(SHANGHAI).dt.strftime("%Y-%m-%d")
    assert f"打卡:入库 {stored}," in done.output
    assert f"check-ins: stored {stored}," in done.output
    assert stored > 100
    assert set(days) == {"2026-11-21", "2026-11-22"}


def test_tables_instead_of_the_database_can_be_imported(engine: Engine, tmp_path: Path) -> None:
    with session_scope(engine, write=True) as session:
        load(session, nested_squares())
    done = gisgrid("simulate", "--days", "1", "--until", "2026-11-20", "-o", str(tmp_path / "out"))
    assert done.exit_code == 0, done.output
    written = [Path(line) for line in done.output.split()]
    fixes = pd.read_csv(tmp_path / "out" / "fixes.csv")
    with session_scope(engine) as session:
        assert session.scalar(select(func.count()).select_from(Fix)) == 0
    assert [path.stem for path in written] == ["patrollers", "patrols", "fixes", "incidents"]
    gisgrid("check-ins", "import", str(written[2]))
    assert gisgrid("incidents", "import", str(written[3])).exit_code == 0
    swapped = (fixes["fault"] == "swapped").sum()
    with session_scope(engine) as session:
        kept = session.scalar(select(func.count()).select_from(Fix))
    assert kept == len(fixes.drop_duplicates(["patroller_ref", "client_id"])) - swapped > 0


def test_on_the_sample_people_walk_its_ways_until_yesterday(engine: Engine, tmp_path: Path) -> None:
    with session_scope(engine, write=True) as session:
        load(session, sample_cells())
    done = gisgrid("simulate", "--days", "1", "-o", str(tmp_path))
    assert done.exit_code == 0, done.output
    fixes = pd.read_csv(tmp_path / "fixes.csv", parse_dates=["fix_at"])
    yesterday = datetime.now(SHANGHAI).date() - timedelta(days=1)
    assert set(fixes["fix_at"].dt.tz_convert(SHANGHAI).dt.date) == {yesterday}
    assert pd.read_csv(tmp_path / "incidents.csv")["client_id"].is_unique


def test_without_a_grid_it_says_what_to_do() -> None:
    done = gisgrid("simulate", "--days", "1")
    assert isinstance(done.exception, NoGrid)


def test_what_a_service_does_not_take_is_told_with_the_reason(
    engine: Engine, served: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    lay(engine)
    number = hire(engine)
    with session_scope(engine, write=True) as session:
        person = person_of(session, number)
        grant(session, OPERATOR, person, "station_staff", COMMUNITY)
        monkeypatch.setenv("GISGRID_KEY", add_key(session, OPERATOR, person, "simulate").words)
    done = gisgrid("simulate", "--days", "1", "--patrollers", "2", "--post", served)
    assert done.exit_code == 1
    assert "打卡:入库 0," in done.output
    assert "× 此巡查员不在您负责的网格内" in done.output


@pytest.mark.parametrize("words", [("--days", "0"), ("--patrollers", "0"), ("--seed", "-1"), ("--until", "22/11/2026")])
def test_nonsense_is_refused(words: tuple[str, str]) -> None:
    assert gisgrid("simulate", *words).exit_code == 2
