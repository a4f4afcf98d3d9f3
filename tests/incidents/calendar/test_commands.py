"""The calendar at the command line."""

from datetime import datetime
from pathlib import Path

import pytest

from gisgrid.incidents.calendar import commands
from gisgrid.settings import Settings
from tests.service import Done, gisgrid

pytestmark = pytest.mark.parametrize("database_url", ["spatialite"], indirect=True)


@pytest.fixture
def run(settings: Settings, monkeypatch: pytest.MonkeyPatch):
    """Run a command in December 2026."""
    now = type("Clock", (datetime,), {"now": lambda zone: datetime(2026, 12, 1, 9, tzinfo=zone)})
    monkeypatch.setattr(commands, "datetime", now)

    def run(*words: str) -> Done:
        return gisgrid("calendar", *words, home=settings.home, GISGRID_DATABASE_URL=settings.database_url)

    return run


def test_a_table_is_brought_and_shown(run, tmp_path: Path) -> None:
    path = tmp_path / "2027.csv"
    days = "\n".join(f"2027年1月{day}日,休,元旦" for day in range(1, 11))
    path.write_text(f"日期,休班,名称\n{days}\n2027/2/6,班,春节\n", encoding="gb18030")
    shown = run("show", "2027")
    assert "没有该年的表" in shown.stdout
    assert "2027 年的节假日" in shown.stderr
    done = run("import", str(path))
    assert done.stdout == (
        "2027:放假 10 天,调休上班 1 天(原有 0 天) / 10 days off, 1 make-up working days (0 in all before)\n"
    )
    shown = run("show", "2027")
    assert shown.stderr == ""
    assert "导入 brought" in shown.stdout
    assert shown.stdout.splitlines()[-1] == "2027-02-06 六\t班 working\t春节"


def test_this_year_is_shown_as_it_is_shipped(run) -> None:
    lines = run("show").stdout.splitlines()
    assert lines[0].startswith("2026\t随程序提供")
    assert lines[1] == "2026-01-01 四\t休 off\t元旦 New Year"
    assert len(lines) == 40


def test_what_cannot_be_brought_is_told_and_changes_nothing(run, tmp_path: Path) -> None:
    path = tmp_path / "bad.csv"
    path.write_text("2026-10-01,休\n2026-10-32,休\n")
    for done, words in (
        (run("import", str(path)), "第 2 行"),
        (run("import", str(tmp_path / "nowhere.csv")), "无法读取文件"),
        (run("import", str(path), "--year", "2026"), "第 2 行"),
    ):
        assert (done.returncode, done.stdout) == (1, "")
        assert words in done.stderr
    assert len(run("show").stdout.splitlines()) == 40
