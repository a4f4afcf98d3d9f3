"""`gisgrid retention …` and `gisgrid privacy …`, as an operator types them."""

import json
import stat
import zipfile
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pyarrow.parquet as pq
import pytest
from sqlalchemy import select
from typer.testing import CliRunner

from gisgrid.audit.record import OPERATOR
from gisgrid.cli import cli
from gisgrid.database import session_scope
from gisgrid.grid.points import NoSuchFile, NoSuchFolder
from gisgrid.patrols.tables import Fix, Hold
from gisgrid.privacy.commands import UnknownForm
from gisgrid.privacy.erase import HeldAsEvidence
from gisgrid.settings import Settings
from tests.coverage.worlds import settle, stay
from tests.privacy.worlds import rows, sealed
from tests.staff.builders import audited, hire

DAY = timedelta(days=1)


@pytest.fixture
def home(engine, tmp_path):
    """An installation in which P1 walked 100 days ago, 90 days ago and today, and has been there for an hour."""
    today = datetime.now(UTC)
    with session_scope(engine, write=True) as session:
        settle(session)
        for ago in (100, 90, 0):
            stay(session, (0, 500, 500), (1, 1500, 500), start=today - ago * DAY)
    return tmp_path


@pytest.fixture
def gisgrid(home, database_url):
    """Run a command in this process."""
    environment = {"GISGRID_HOME": str(home), "GISGRID_DATABASE_URL": database_url}

    def run(*words, **given):
        return CliRunner().invoke(cli, list(words), env=environment, **given)

    return run


def span(ago):
    """Return the period of the day so long ago, and a day more on each side."""
    today = datetime.now(UTC).date()
    return f"{today - (ago + 1) * DAY}/{today - (ago - 1) * DAY}"


def test_a_dry_run_changes_nothing_and_a_run_does_what_it_said(engine, gisgrid):
    shown = gisgrid("retention", "run", "--dry-run")
    assert shown.exit_code == 0
    assert [line.split("│")[2].strip() for line in shown.stdout.splitlines() if "封存 seal" in line] == ["2", "2"]
    assert "60 天" in shown.stdout
    assert (sealed(engine), rows(engine, Fix), audited(engine, "retention")) == ({}, 6, [])
    done = gisgrid("retention", "run")
    assert "已封存 2 天" in done.stdout
    assert (len(sealed(engine)), rows(engine, Fix)) == (2, 2)
    assert {entry.actor for entry in audited(engine, "retention")} == {"operator"}
    assert "没有到期的资料 / nothing is due" in gisgrid("retention", "run", "--dry-run").stdout


def test_raw_days_are_kept_reported_on_and_left_by_whoever_is_erased(engine, gisgrid, home):
    yesterday = datetime.now(UTC) - DAY
    with session_scope(engine, write=True) as session:
        stay(session, (0, 500, 500), start=yesterday)
        stay(session, (0, 500, 500), patroller="P2", start=yesterday)
    local = yesterday.astimezone(Settings().zone).date().isoformat()
    asked = ("report", "--period", f"{local}/{local}", "--level", "substation", "--format", "csv")
    before = gisgrid(*asked).stdout.splitlines()
    done = gisgrid("retention", "keep-days", "--from", local)
    assert done.exit_code == 0, done.output
    assert "写出 1 天" in done.stdout
    days = home / "data" / "days"
    assert [each.name for each in days.iterdir()] == [f"fixes-{local}.parquet"]
    assert {entry.actor for entry in audited(engine, "raw_day")} == {"operator"}
    after = gisgrid(*asked, "--from-days", str(days)).stdout.splitlines()
    assert len([line for line in after if "原始数据文件" in line]) == 1
    assert [line.split(",")[4:10] for line in after[:5]] == [line.split(",")[4:10] for line in before[:5]]
    assert gisgrid("privacy", "erase", "--patroller", "P1", "--yes").exit_code == 0
    assert pq.read_table(days / f"fixes-{local}.parquet")["patroller"].to_pylist() == ["P2"]
    assert isinstance(gisgrid(*asked, "--from-days", str(home)).exception, NoSuchFile)


def test_a_track_is_held_listed_and_released(engine, gisgrid):
    words = ("--patroller", "P1", "--period", span(90), "--reason", "走失[red]案")
    made = gisgrid("retention", "hold", *words)
    assert made.stdout.startswith("留证 1,")
    listed = gisgrid("retention", "holds").stdout
    assert all(word in listed for word in ("1  P1", "2 条 fixes", "走失[red]案"))
    shown = gisgrid("retention", "run", "--dry-run").stdout
    assert [line.split("│")[3].strip() for line in shown.splitlines() if "封存 seal" in line] == ["0", "2"]
    gisgrid("retention", "run")
    assert rows(engine, Fix) == 4
    assert gisgrid("retention", "release", "1").exit_code == 0
    gisgrid("retention", "run")
    assert (rows(engine, Fix), rows(engine, Hold)) == (2, 0)


def test_an_export_is_private_whole_and_audited(engine, gisgrid, home):
    hire(engine, "zhangsan")
    file = home / "out.zip"
    assert gisgrid("privacy", "export", "--person", "zhangsan", "-o", str(file)).exit_code == 0
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert zipfile.ZipFile(file).testzip() is None
    (entry,) = audited(engine, "export")
    assert entry.detail["sha256"] == sha256(file.read_bytes()).hexdigest()
    assert [each.name for each in home.iterdir() if "part" in each.name] == []


@pytest.mark.parametrize("name", ["tracks.csv", "tracks.GEOJSON"])
def test_tracks_tell_their_purpose(engine, gisgrid, home, name):
    file = home / name
    made = gisgrid("privacy", "tracks", "--period", span(0), "--purpose", "路线研究", "-o", str(file))
    assert made.exit_code == 0, made.output
    content = file.read_text(encoding="utf-8-sig")
    (entry,) = audited(engine, "export")
    assert entry.detail["sha256"] == sha256(file.read_bytes()).hexdigest()
    assert all(word in content for word in ("路线研究", entry.detail["number"]))
    assert entry.detail["fixes"] == 2
    if name.endswith("GEOJSON"):
        assert len(json.loads(content)["features"]) == 2


@pytest.mark.parametrize(("output", "error"), [("x.xlsx", UnknownForm), ("nowhere/x.csv", NoSuchFolder)])
def test_what_cannot_be_written_is_told_and_not_audited(engine, gisgrid, home, output, error):
    made = gisgrid("privacy", "tracks", "--period", span(0), "--purpose", "研究", "-o", str(home / output))
    assert isinstance(made.exception, error)
    assert audited(engine, "export") == []


def test_erasing_asks_first(engine, gisgrid):
    assert gisgrid("privacy", "erase", "--patroller", "P1", input="n\n").exit_code == 1
    assert rows(engine, Fix) == 6
    gisgrid("retention", "hold", "--patroller", "P1", "--period", span(0), "--reason", "走失案")
    assert isinstance(gisgrid("privacy", "erase", "--patroller", "P1", "--yes").exception, HeldAsEvidence)
    done = gisgrid("privacy", "erase", "--patroller", "P1", "--yes", "--release-holds")
    assert "fixes 6" in done.stdout
    assert "备份" in done.stderr
    with session_scope(engine) as session:
        assert session.scalars(select(Fix.id)).all() == []
    assert audited(engine, "person.erased")[0].actor == OPERATOR.kind
