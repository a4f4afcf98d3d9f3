"""`gisgrid backup` and `gisgrid restore`, as an operator types them, with the real service running."""

import json
from pathlib import Path
from urllib.request import Request, urlopen

import pytest
from sqlalchemy import Engine

from gisgrid.database import session_scope
from tests.rows import fill
from tests.service import Service, gisgrid, running
from tests.staff.callers import key


def report(service: Service, words: str, number: int) -> None:
    body = {"client_id": f"new {number}", "kind": "C0101", "reported_at": "2026-11-01T08:00:00+08:00"}
    content = json.dumps([{**body, "description": "", "longitude": 114.5, "latitude": 22.5}]).encode()
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {words}"}
    request = Request(f"{service.url}/api/incidents", content, headers)
    assert b"stored" in urlopen(request).read()


def test_backup_under_the_service_and_restore_after_it(engine: Engine, database_url: str, tmp_path: Path) -> None:
    with session_scope(engine, write=True) as session:
        fill(session)
        words = key(session, ("cadre", None)).words
    engine.dispose()
    with running(tmp_path, GISGRID_DATABASE_URL=database_url) as service:
        report(service, words, 1)
        taken = gisgrid("backup", home=tmp_path, GISGRID_DATABASE_URL=database_url)
        assert taken.returncode == 0, taken.stderr
        report(service, words, 2)
        (file,) = tmp_path.glob("data/backups/gisgrid-*.zip")
        held = gisgrid("restore", str(file), "--force", home=tmp_path, GISGRID_DATABASE_URL=database_url)
        assert held.returncode == 1
        assert "DatabaseInUse" in held.stderr
    prints = [line for line in taken.stdout.splitlines() if "sha256" in line]
    assert any(line.startswith("incidents") and " 2 " in line for line in prints)

    refused = gisgrid("restore", str(file), home=tmp_path, GISGRID_DATABASE_URL=database_url)
    assert "DatabaseNotEmpty" in refused.stderr
    restored = gisgrid("restore", str(file), "--force", home=tmp_path, GISGRID_DATABASE_URL=database_url)
    assert restored.returncode == 0, restored.stderr
    assert [line for line in restored.stdout.splitlines() if "sha256" in line] == prints
    assert "之后吊销的令牌" in restored.stderr
    told = gisgrid("audit", "list", home=tmp_path, GISGRID_DATABASE_URL=database_url)
    assert "backup.restored" in told.stdout
    assert "incident.reported" not in told.stdout.splitlines()[0]
    whole = gisgrid("audit", "verify", home=tmp_path, GISGRID_DATABASE_URL=database_url)
    assert (whole.returncode, "已与 1 个导出的链头核对" in whole.stdout) == (0, True)
    (former,) = tmp_path.glob("data/audit/heads-*.csv")
    assert str(former) in restored.stderr
    missed = gisgrid("audit", "verify", "--heads", str(former), home=tmp_path, GISGRID_DATABASE_URL=database_url)
    assert missed.returncode == 1
    assert "恢复了较早的备份" in missed.stdout


def test_a_backup_that_is_not_there_is_told_and_nothing_is_made(tmp_path: Path) -> None:
    done = gisgrid("restore", "nonesuch.zip", home=tmp_path)
    assert (done.returncode, done.stderr.split()[0]) == (1, "NoSuchBackup")
    assert "nonesuch.zip 不存在" in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("database_url", ["spatialite"], indirect=True)
def test_a_spoilt_backup_is_told_with_its_name(database_url: str, tmp_path: Path) -> None:
    (tmp_path / "spoilt.zip").write_bytes(b"PK\x03\x04")
    done = gisgrid("restore", "spoilt.zip", home=tmp_path, GISGRID_DATABASE_URL=database_url)
    assert done.returncode == 1
    assert "BadBackup" in done.stderr
    assert "spoilt.zip" in done.stderr


@pytest.mark.parametrize("database_url", ["postgis"], indirect=True)
def test_an_account_that_does_not_see_every_row_takes_no_backup(database_url: str, tmp_path: Path) -> None:
    only = {"GISGRID_DATABASE_URL": database_url, "GISGRID_OWNER_DATABASE_URL": ""}
    done = gisgrid("backup", home=tmp_path, **only)
    assert (done.returncode, done.stderr.split()[0]) == (1, "OwnerNeeded")
    assert "GISGRID_OWNER_DATABASE_URL" in done.stderr
    assert not list(tmp_path.glob("data/backups/*"))
