"""`gisgrid audit …`, as an operator types it."""

import shutil
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from typer.testing import CliRunner, Result

from gisgrid.audit.heads import HeadsDamaged, NoSuchHeads, read_heads
from gisgrid.audit.purge import TooYoung
from gisgrid.cli import cli
from gisgrid.database import session_scope
from gisgrid.parameters import BadPeriod
from tests.audit.builders import DAWN, LONG_AGO, fill_chain, forging, found, record_at
from tests.service import gisgrid

Run = Callable[..., Result]


@pytest.fixture
def run(database_url: str, tmp_path: Path) -> Run:
    """Run a command of the audit on the test's database."""
    environment = {"GISGRID_HOME": str(tmp_path), "GISGRID_DATABASE_URL": database_url}

    def run(*words: str) -> Result:
        return CliRunner().invoke(cli, ["audit", *words], env=environment)

    return run


def test_a_whole_audit_is_said_to_be_whole_with_its_ends(engine: Engine, run: Run) -> None:
    empty = run("verify")
    assert (empty.exit_code, empty.stdout.splitlines()[0]) == (0, "完好:还没有记录 / whole: there are no entries")
    fill_chain(engine, 3)
    head = run("head").stdout.strip().rpartition(",")[2]
    whole = run("verify")
    assert whole.exit_code == 0
    assert "完好:3 条 / whole: 3 entries, 1 – 3, 20" in whole.stdout
    assert f"链头 / head {head}\n" in whole.stdout
    assert "已与 1 个导出的链头核对" in whole.stdout


def test_faults_are_listed_and_end_in_failure(engine: Engine, database_url: str, tmp_path: Path) -> None:
    fill_chain(engine, 5)
    with forging(engine) as connection:
        connection.execute(text("UPDATE audit_entries SET actor_id = 9 WHERE number = 2"))
        connection.execute(text("DELETE FROM audit_entries WHERE number = 4"))
    engine.dispose()
    done = gisgrid("audit", "verify", home=tmp_path, GISGRID_DATABASE_URL=database_url)
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.splitlines() == [
        "第 2 条的内容与其散列不符,已被改动 / entry 2 was changed: its hash does not fit",
        "第 4 条缺失 / entry 4 is missing",
        "审计记录已被破坏:2 处 / the audit is not whole: 2 faults",
    ]


def test_an_exported_head_tells_what_was_cut_off_with_a_forged_end(engine: Engine, run: Run, tmp_path: Path) -> None:
    fill_chain(engine, 5)
    exported = run("head")
    assert exported.exit_code == 0
    file = tmp_path / "data" / "audit" / "heads.csv"
    assert exported.stdout.strip() == read_heads(file)[-1].line
    assert run("verify").exit_code == 0
    shutil.copy(file, tmp_path / "copy.csv")
    with forging(engine) as connection:
        connection.execute(text("DELETE FROM audit_entries WHERE number > 3"))
        last = "(SELECT hash FROM audit_entries WHERE number = 3)"
        connection.execute(text(f"UPDATE audit_head SET number = 3, hash = {last}"))
    told = run("verify")
    assert told.exit_code == 1
    assert "第 5 条于 20" in told.stdout
    file.unlink()
    assert run("verify").exit_code == 0  # nothing is left to compare with, and that is said
    assert "没有导出的链头可核对" in run("verify").stdout
    assert run("verify", "--heads", str(tmp_path / "copy.csv")).exit_code == 1


def test_exporting_twice_writes_one_line(engine: Engine, run: Run, tmp_path: Path) -> None:
    fill_chain(engine, 1)
    assert run("head").stdout == run("head").stdout
    assert len(read_heads(tmp_path / "data" / "audit" / "heads.csv")) == 1


@pytest.mark.parametrize("database_url", ["spatialite"], indirect=True)
def test_heads_that_are_damaged_or_not_there_are_told(run: Run, tmp_path: Path) -> None:
    (tmp_path / "data" / "audit").mkdir()
    (tmp_path / "data" / "audit" / "heads.csv").write_text("day,number,hash\nx\n")
    assert isinstance(run("verify").exception, HeadsDamaged)
    assert isinstance(run("verify", "--heads", "none.csv").exception, NoSuchHeads)


def test_the_list_shows_entries_newest_first(engine: Engine, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    record_at(engine, monkeypatch, DAWN, DAWN + timedelta(hours=12))
    fill_chain(engine, 1)
    lines = run("list").stdout.splitlines()
    assert lines[0].endswith('  person 7  track.read  person 1  {"minutes": 0.3333333333333333, "purpose": "第 1 次"}')
    assert lines[1:] == [
        "2  2026-11-02 02:00:00  person 7  track.read  person 1",
        "1  2026-11-01 14:00:00  person 7  track.read  person 1",
    ]
    day = run("list", "--period", "2026-11-02/2026-11-02")  # a local day
    assert day.stdout.splitlines() == lines[1:2]
    some = run("list", "--limit", "1", "--action", "track")
    assert some.stdout.splitlines() == lines[:1]
    assert "1 of 3 entries" in some.stderr
    assert run("list", "--action", "sign_in").stdout == ""
    assert isinstance(run("list", "--period", "gestern").exception, BadPeriod)


def test_a_purge_takes_whole_local_days(engine: Engine, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    record_at(engine, monkeypatch, LONG_AGO, LONG_AGO + timedelta(days=3))
    fill_chain(engine, 1)
    done = run("purge", "--before", f"{LONG_AGO + timedelta(days=2):%Y-%m-%d}")
    assert (done.exit_code, done.stdout) == (0, "已清除 1 条 / 1 entries purged\n")
    assert found(engine) == []
    with session_scope(engine) as session:
        newest = session.execute(text("SELECT actor, action FROM audit_entries ORDER BY number DESC LIMIT 1")).one()
    assert tuple(newest) == ("operator", "audit.purged")
    assert isinstance(run("purge", "--before", f"{date.today()}").exception, TooYoung)  # noqa: DTZ011
    assert run("purge", "--before", "soon").exit_code == 2
