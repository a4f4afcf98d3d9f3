"""A SpatiaLite file that was spoilt: told in words by every command and by the service, and mended by a backup."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine, select
from starlette.testclient import TestClient
from typer.testing import CliRunner

from gisgrid.app import create_app
from gisgrid.backup.restore import restore
from gisgrid.backup.take import back_up
from gisgrid.cli import cli
from gisgrid.database import DatabaseDamaged, session_scope
from gisgrid.patrols.tables import Patroller
from gisgrid.settings import Settings
from tests.rows import fill

PAGE = 4096


def no_database(file: Path) -> None:
    """Write over all of it, as a mistaken download does."""
    file.write_bytes(b"<html>" * 10_000)


def spoilt_pages(file: Path) -> None:
    """Write over all pages but the first, as a failing disk does."""
    size = file.stat().st_size
    file.write_bytes(file.read_bytes()[:PAGE] + b"\xa5" * (size - PAGE))


pytestmark = [
    pytest.mark.parametrize("database_url", ["spatialite"], indirect=True),
    pytest.mark.parametrize("spoil", [no_database, spoilt_pages]),
]
Spoil = Callable[[Path], None]


@pytest.fixture
def file(engine: Engine, tmp_path: Path) -> Path:
    """The file of a filled database that nobody has open; its backup is b.zip."""
    with session_scope(engine, write=True) as session:
        fill(session)
    back_up(engine, tmp_path / "b.zip")
    engine.dispose()
    return Path(str(engine.url.database))


def test_every_command_tells_it_with_the_place_and_the_remedy(spoil: Spoil, file: Path, tmp_path: Path) -> None:
    spoil(file)
    environment = {"GISGRID_HOME": str(tmp_path)}
    for command in ("locate 114.4 22.6", "report", "backup", "init", f"restore {tmp_path}/b.zip"):
        told = CliRunner().invoke(cli, command.split(), env=environment).exception
        assert isinstance(told, DatabaseDamaged), command
        assert all(part in told.zh for part in (str(file), "已损坏", "gisgrid restore"))
        assert all(part in told.en for part in (str(file), "is damaged", "gisgrid restore"))
    with pytest.raises(DatabaseDamaged):
        create_app(Settings(home=tmp_path))


def test_the_service_tells_it_but_not_the_place(
    spoil: Spoil, file: Path, client: TestClient, settings: Settings
) -> None:
    assert client.get("/readyz").status_code == 200
    client.app.state.engine.dispose()  # type: ignore[attr-defined]
    spoil(file)
    for path in ("/readyz", "/api/grid/cells", "/api/incidents"):
        answer = client.get(path)
        assert (answer.status_code, answer.json()["code"]) == (503, "DatabaseDamaged")
        assert "已损坏" in answer.json()["description"]
        assert settings.home.name not in answer.text
    assert client.get("/healthz").status_code == 200


def test_a_backup_mends_it_and_what_was_there_is_kept(spoil: Spoil, file: Path, engine: Engine) -> None:
    backup = file.parent.parent / "b.zip"
    spoil(file)
    spoilt = file.read_bytes()
    with pytest.raises(DatabaseDamaged, match="--force"):
        restore(engine, backup)
    assert file.read_bytes() == spoilt
    restore(engine, backup, is_forced=True)
    with session_scope(engine) as session:
        assert session.scalars(select(Patroller.ref)).all()
    if spoil is no_database:  # SQLite can write over the other itself
        assert [path.read_bytes() for path in file.parent.glob("*.damaged-*")] == [spoilt]
