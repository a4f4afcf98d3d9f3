from datetime import UTC, date, datetime

import pytest
from pydantic import SecretStr
from sqlalchemy import select

from gisgrid.audit.tables import AuditEntry
from gisgrid.coverage.occasions import write
from gisgrid.coverage.occasions.define import OCCASIONS
from gisgrid.coverage.occasions.make import Asked
from gisgrid.coverage.occasions.write import ReportsFailed, due_on, run_schedule
from gisgrid.database import session_scope
from gisgrid.files import NotWritten
from gisgrid.grid.points import NoSuchFolder
from tests.coverage.occasions.worlds import DAY, lay_out
from tests.notices.receiver import posting
from tests.service import gisgrid

spatialite = pytest.mark.parametrize("database_url", ["spatialite"], indirect=True)
MONDAY = date(2026, 11, 9)
WEEKLY = "gisgrid-weekly-2026-11-02_2026-11-08"


@pytest.fixture
def folder(engine, settings, tmp_path, monkeypatch):
    """A folder for reports, of the world when its month is over."""
    lay_out(engine)
    engine.dispose()
    clock = type("Clock", (datetime,), {"now": lambda zone: datetime(2026, 12, 5, tzinfo=UTC).astimezone(zone)})
    monkeypatch.setattr(write, "datetime", clock)
    made = tmp_path / "报告"
    made.mkdir()
    return made


@pytest.fixture
def mails():
    with posting() as post:
        yield post


def names(folder):
    return sorted(path.name for path in folder.iterdir() if not path.name.startswith("."))


def changed(settings, **changes):
    return settings.model_copy(update={"report_forms": "csv,xlsx", **changes})


def issued(engine):
    with session_scope(engine) as session:
        return [e.detail for e in session.scalars(select(AuditEntry).where(AuditEntry.action == "report.issued"))]


def test_what_is_due_is_made_once(engine, settings, folder):
    settings = changed(settings)
    run_schedule(settings, folder, MONDAY)
    expected = [f"gisgrid-morning-2026-11-09.{form}" for form in ("csv", "xlsx")] + [f"{WEEKLY}.csv", f"{WEEKLY}.xlsx"]
    assert names(folder) == expected
    before = {path: path.stat().st_mtime_ns for path in folder.iterdir() if path.suffix in (".csv", ".xlsx")}
    run_schedule(settings, folder, MONDAY)
    assert {path: path.stat().st_mtime_ns for path in before} == before
    assert len(issued(engine)) == 2
    (folder / f"{WEEKLY}.csv").unlink()
    run_schedule(settings, folder, MONDAY)
    assert names(folder) == expected
    assert len(issued(engine)) == 3


@spatialite
def test_each_mailbox_gets_a_mail_with_the_files_once(settings, folder, mails):
    to = "zhan@example.cn,dui@example.cn"
    url = SecretStr(f"smtp://127.0.0.1:{mails.port}")
    settings = changed(settings, smtp_url=url, mail_from="grid@example.cn", report_to=to, report_occasions="weekly")
    mails.refuses = {"dui@example.cn"}
    with pytest.raises(ReportsFailed, match="SMTP 550"):
        run_schedule(settings, folder, MONDAY)
    assert [mail["To"] for mail in mails.mails] == ["zhan@example.cn"]
    mails.refuses = set()
    for _ in range(2):
        run_schedule(settings, folder, MONDAY)
    assert [mail["To"] for mail in mails.mails] == ["zhan@example.cn", "dui@example.cn"]
    mail = mails.mails[0]
    assert mail["Subject"] == "网格巡查每周例会 2026-11-02 – 2026-11-08 / Weekly meeting"
    attached = {part.get_filename(): part.get_payload(decode=True) for part in mail.iter_attachments()}
    assert attached == {name: (folder / name).read_bytes() for name in (f"{WEEKLY}.csv", f"{WEEKLY}.xlsx")}
    assert len({mail["Message-ID"] for mail in mails.mails}) == 2


@spatialite
def test_one_that_fails_hinders_no_other_and_leaves_nothing_behind(settings, folder, monkeypatch):
    def failing(told, form, **how):
        if told.asked.occasion.name == "morning" and form == "xlsx":
            raise NotWritten("坏了", "broken")
        return made(told, form, **how)

    made = write.made
    monkeypatch.setattr(write, "made", failing)
    with pytest.raises(ReportsFailed, match="晨会简报:坏了"):
        run_schedule(changed(settings), folder, MONDAY)
    assert names(folder) == [f"{WEEKLY}.csv", f"{WEEKLY}.xlsx"]


@spatialite
def test_what_is_due_follows_the_calendar_and_the_settings(engine, settings, folder):
    def due(day, **changes):
        return [asked.occasion.name for asked in due_on(engine, changed(settings, **changes), day)]

    assert due(MONDAY) == ["morning", "weekly"]
    assert due(date(2026, 11, 1)) == ["monthly"]  # a Sunday
    assert due(MONDAY, report_occasions="monthly,weekly") == ["weekly"]
    assert due(MONDAY, report_occasions="") == []


@spatialite
def test_what_is_not_over_is_left_for_later(settings, folder, capsys):
    run_schedule(changed(settings), folder, date(2026, 12, 7))
    assert names(folder) == []
    assert "时段尚未结束" in capsys.readouterr().err


@spatialite
def test_the_command(engine, settings, folder, database_url):
    def run(*words):
        return gisgrid("report", *words, home=folder.parent, GISGRID_DATABASE_URL=database_url)

    target = folder / "晨会.html"
    done = run("--occasion", "morning", "--day", f"{DAY}", "--form", "html", "--plain", "-o", str(target))
    assert (done.returncode, done.stderr.strip()) == (0, str(target))
    assert "X站网格巡查晨会简报" in target.read_text("utf-8")
    done = run("--occasion", "weekly", "--day", f"{MONDAY}", "--form", "csv")
    assert (done.returncode, done.stderr.strip()) == (0, f"{WEEKLY}.csv")
    assert (folder.parent / f"{WEEKLY}.csv").is_file()
    for words, said in (
        (("--occasion", "operation"), "请指定专项行动"),
        (("--schedule", str(folder / "没有")), "没有这个目录"),
        (("--occasion", "weekly", "-o", str(folder / "没有" / "a.pdf")), "没有这个目录"),
    ):
        done = run(*words)
        assert done.returncode == 1
        assert said in done.stderr


@spatialite
def test_a_folder_that_is_not_there_is_not_made(settings, folder):
    with pytest.raises(NoSuchFolder):
        run_schedule(changed(settings), folder / "没有", MONDAY)
    assert Asked(OCCASIONS["weekly"], MONDAY).file_name(settings, "pdf") == f"{WEEKLY}.pdf"
