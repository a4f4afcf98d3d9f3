import csv
import io
import json
from datetime import UTC, datetime, timedelta

import pytest
from typer.testing import CliRunner

from gisgrid.cli import cli
from gisgrid.coverage.report import TwoPeriods
from gisgrid.database import session_scope
from gisgrid.grid.locate import NoSuchCell
from gisgrid.grid.points import NoSuchFolder
from gisgrid.parameters import BadPeriod
from tests.coverage.worlds import settle, stay
from tests.service import gisgrid

DAY = ("--period", "2026-11-02/2026-11-02")


@pytest.fixture
def home(engine, tmp_path):
    """An installation with a world where one person stayed ten minutes."""
    with session_scope(engine, write=True) as session:
        settle(session)
        stay(session, (0, 500, 500), (10, 500, 500))
    engine.dispose()
    return tmp_path


@pytest.fixture
def run(home, database_url):
    """Run `gisgrid report` in this process."""
    environment = {"GISGRID_HOME": str(home), "GISGRID_DATABASE_URL": database_url}

    def run(*options, **given):
        return CliRunner().invoke(cli, ["report", *options], env=environment, **given)

    return run


def report(run, *options):
    done = run(*DAY, *options, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout


def test_the_table_is_what_comes_first(run):
    table = report(run, "--level", "substation")
    for part in ("SW站", "0.8%", "网格之外", "到访次数"):
        assert part in table


def test_the_street_is_measured_as_a_whole(run):
    table = report(run)
    assert [table.count(name) for name in ("N站", "S站", "X站")] == [1, 1, 1]
    assert report(run, "--level", "street").count("X站") == 1


def test_the_other_forms(run):
    told = json.loads(report(run, "--format", "json"))
    assert [cell["check_ins"] for cell in told["cells"]] == [0, 2]
    drawn = json.loads(report(run, "--format", "geojson", "--level", "street"))
    assert [feature["id"] for feature in drawn["features"]] == ["X"]
    below = json.loads(report(run, "--format", "json", "--level", "substation", "--parent", "N"))
    assert [cell["code"] for cell in below["cells"]] == ["NE", "NW"]
    table = list(csv.reader(io.StringIO(report(run, "--format", "csv"))))
    assert [row[0] for row in table[1:3]] == ["N", "S"]


def test_files_are_written(run, home):
    target = home / "表.csv"
    assert report(run, "--format", "csv", "-o", str(target)) == ""
    assert target.read_bytes().startswith(b"\xef\xbb\xbf")
    report(run, "-o", str(home / "table.txt"))
    assert "到达率" in (home / "table.txt").read_text("utf-8")


def test_days_end_today(run):
    found = json.loads(run("--days", "2", "--format", "json").stdout)
    start, end = (datetime.fromisoformat(found["period"][name]) for name in ("start", "end"))
    assert end - start == timedelta(days=2)
    assert start <= datetime.now(UTC) - timedelta(days=1) < datetime.now(UTC) < end


def test_mistakes_are_told(run, home):
    assert isinstance(run("--period", "gestern").exception, BadPeriod)
    assert isinstance(run(*DAY, "--parent", "nowhere").exception, NoSuchCell)
    assert run("--days", "0").exit_code == 2
    assert run(*DAY, "-o", str(home)).exit_code == 2
    assert isinstance(run(*DAY, "--days", "3").exception, TwoPeriods)
    assert isinstance(run("-o", str(home / "新" / "表.csv")).exception, NoSuchFolder)
    assert not (home / "新").exists()


def test_the_real_command(home, database_url):
    done = gisgrid("report", *DAY, home=home, GISGRID_DATABASE_URL=database_url)
    assert done.returncode == 0, done.stderr
    assert "S" in done.stdout
    assert "0.4%" in done.stdout
