"""The service as it is started: in a process of its own, with everything that can be wrong at that moment."""

import json
import socket
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
from sqlalchemy import Engine, text
from starlette.responses import PlainTextResponse

from gisgrid.database import session_scope
from gisgrid.serve import (
    NoPublicUrl,
    OnlyHere,
    _config,
    _warn_of_certificate,
    _warn_where_nobody_signs_in,
    require_here_only,
    require_name,
)
from gisgrid.settings import Settings
from gisgrid.tls.files import BadCertificate, make
from gisgrid.tls.names import read_names
from gisgrid.tls.served import served
from tests.postgis import as_owner, free_port
from tests.service import process, running
from tests.staff.callers import person

HERE = ["127.0.0.1", "127.8.8.8", "::1", "localhost"]
ELSEWHERE = ["0.0.0.0", "::", "192.168.1.5", "example.org", "", "127.0.0.1.example.org", "::ffff:8.8.8.8"]
NAMED = "https://grid.example"


@pytest.mark.parametrize("host", HERE)
def test_on_loopback_nothing_more_is_asked(host: str) -> None:
    require_name(Settings(host=host))


@pytest.mark.parametrize("host", ELSEWHERE)
def test_whoever_serves_others_says_under_which_name(host: str) -> None:
    with pytest.raises(NoPublicUrl, match="GISGRID_PUBLIC_URL"):
        require_name(Settings(host=host))
    require_name(Settings(host=host, public_url=NAMED))


@pytest.mark.parametrize(
    ("changes", "is_warned"),
    [
        ({}, False),
        ({"host": "0.0.0.0", "public_url": "http://grid.example"}, True),
        ({"host": "0.0.0.0", "public_url": NAMED}, True),
        ({"host": "0.0.0.0", "public_url": NAMED, "trusted_proxies": "10.0.0.2"}, False),
        ({"host": "0.0.0.0", "public_url": NAMED, "tls_cert": Path("a"), "tls_key": Path("b")}, False),
        ({"public_url": NAMED}, False),
    ],
)
def test_a_service_where_nobody_else_could_sign_in_says_so(
    changes: dict[str, Any], is_warned: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    _warn_where_nobody_signs_in(Settings().model_copy(update=changes))
    assert ("GISGRID_TLS_CERT" in capsys.readouterr().err) == is_warned


@pytest.mark.parametrize(
    ("host", "days_ago", "words"),
    [
        ("grid.example", 0, None),
        ("grid.example", 800, "gisgrid tls renew,"),
        ("grid.example", 900, "已于"),
        ("other.example", 0, "gisgrid tls renew other.example"),
    ],
)
def test_what_phones_would_refuse_is_told_at_the_start(
    host: str, days_ago: int, words: str | None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make(tmp_path / "data" / "tls", read_names(["grid.example"]), datetime.now(UTC) - timedelta(days=days_ago))
    settings = Settings(home=tmp_path, public_url=f"https://{host}")
    _warn_of_certificate(settings, served(settings))
    told = capsys.readouterr().err
    assert words in told if words else told == ""


def test_a_demonstration_is_for_this_machine_only(engine: Engine, settings: Settings) -> None:
    others = [settings.model_copy(update={"host": host, "public_url": NAMED}) for host in (HERE[0], ELSEWHERE[0])]
    for each in (settings, *others):
        require_here_only(each, engine)
    with session_scope(engine, write=True) as session:
        person(session, is_demonstration=True)
    require_here_only(settings, engine)
    for each in others:
        with pytest.raises(OnlyHere, match="gisgrid init"):
            require_here_only(each, engine)


@pytest.mark.parametrize("database_url", ["postgis"], indirect=True)
def test_an_account_that_no_wall_holds_is_not_used(database_url: str, tmp_path: Path) -> None:
    words = told(tmp_path, GISGRID_DATABASE_URL=as_owner(database_url), GISGRID_PORT=str(free_port()))
    assert "TooPowerful" in words
    assert "GISGRID_OWNER_DATABASE_URL" in words


def test_a_service_that_nobody_can_sign_in_to_gives_a_link_until_somebody_can(
    engine: Engine, database_url: str, tmp_path: Path
) -> None:
    def links() -> list[str]:
        with running(tmp_path, GISGRID_DATABASE_URL=database_url) as service:
            return [line for line in service.log.read_text().splitlines() if "/enter#gg_link_" in line]

    assert len(links()) == 1
    assert len(links()) == 1  # still nobody has a password
    with engine.begin() as connection:
        assert connection.execute(text("UPDATE people SET password_hash = 'x' WHERE name = 'admin'")).rowcount == 1
    assert links() == []


def test_it_serves_answers_and_stops_in_order(database_url: str, tmp_path: Path) -> None:
    with running(tmp_path, GISGRID_DATABASE_URL=database_url) as service:
        assert json.load(urlopen(f"{service.url}/healthz")) == {"status": "ok"}
        service.process.terminate()
        assert service.process.wait(20) in (0, -15)
    first, *rest = service.log.read_text().splitlines()
    assert service.url in first
    assert all(json.loads(line)["status"] == 200 for line in rest if line.startswith("{"))
    assert not list(tmp_path.glob("data/*-wal"))  # the last one out has tidied up


@pytest.mark.parametrize("database_url", ["spatialite"], indirect=True)
def test_a_name_that_only_points_here_is_not_answered(database_url: str, tmp_path: Path) -> None:
    with running(tmp_path, GISGRID_DATABASE_URL=database_url) as service:
        connection = HTTPConnection(service.url.removeprefix("http://"))
        for name, status in [("evil.example", 400), ("127.0.0.1.evil.example", 400), ("[::1]:80", 200)]:
            connection.request("GET", "/healthz", headers={"Host": name})
            answer = connection.getresponse()
            body = json.load(answer)
            assert (answer.status, set(body)) == (status, {"status"} if status == 200 else {"code", "description"})
        connection.close()


@pytest.mark.parametrize("database_url", ["spatialite"], indirect=True)
def test_a_missing_font_is_a_warning(database_url: str, tmp_path: Path) -> None:
    (tmp_path / "fonts.conf").write_text("<fontconfig></fontconfig>")
    with running(tmp_path, GISGRID_DATABASE_URL=database_url, FONTCONFIG_FILE=str(tmp_path / "fonts.conf")) as service:
        assert "fonts-noto-cjk" in service.log.read_text()


def told(home: Path, **settings: str) -> str:
    """Start a service that must refuse; return its last words."""
    done = process("serve", home=home, **settings)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    _code, chinese, *english = done.stderr.splitlines()
    assert any("一" <= letter <= "鿿" for letter in chinese)
    assert english
    return done.stderr.replace("\n", " ")


@pytest.mark.parametrize("database_url", ["spatialite"], indirect=True)
def test_a_taken_port_is_told_with_the_way_out(database_url: str, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        words = told(tmp_path, GISGRID_DATABASE_URL=database_url, GISGRID_PORT=str(port))
    assert "PortTaken" in words
    assert f"GISGRID_PORT={port + 1}" in words


def test_another_address_is_told(tmp_path: Path) -> None:
    assert "NoPublicUrl" in told(tmp_path, GISGRID_HOST="0.0.0.0")


def test_no_database_yet_is_told_and_none_is_made(tmp_path: Path) -> None:
    words = told(tmp_path, GISGRID_PORT=str(free_port()))
    assert "DatabaseNotReady" in words
    assert "gisgrid init" in words
    assert not list(tmp_path.glob("data/*"))


def test_a_database_of_a_later_program_is_told(engine: Engine, database_url: str, tmp_path: Path) -> None:
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '2099_01_01_0000'"))
    engine.dispose()
    words = told(tmp_path, GISGRID_DATABASE_URL=database_url, GISGRID_PORT=str(free_port()))
    assert "DatabaseNewer" in words
    assert "2099_01_01_0000" in words


@pytest.mark.parametrize("database_url", ["spatialite"], indirect=True)
def test_a_missing_spatialite_library_is_told(database_url: str, tmp_path: Path) -> None:
    words = told(
        tmp_path, GISGRID_DATABASE_URL=database_url, SPATIALITE_LIBRARY_PATH="nowhere", GISGRID_PORT=str(free_port())
    )
    assert "NoSpatialite" in words
    assert "libsqlite3-mod-spatialite" in words


def test_a_server_that_does_not_answer_is_told_without_its_password(tmp_path: Path) -> None:
    address = f"postgresql+psycopg://somebody:secret@127.0.0.1:{free_port()}/x"
    words = told(tmp_path, GISGRID_DATABASE_URL=address, GISGRID_PORT=str(free_port()))
    assert "DatabaseUnreachable" in words
    assert "secret" not in words


@pytest.mark.parametrize(
    ("certificate", "key", "named"),
    [
        ("authority.crt", None, "authority.crt"),
        ("server.pem", "authority.key", "authority.key"),
        ("server.pem", "nowhere.key", "nowhere.key"),
    ],
)
def test_a_certificate_without_its_key_is_told(certificate: str, key: str | None, named: str, tmp_path: Path) -> None:
    folder = tmp_path / "tls"
    make(folder, read_names(["grid.example"]), datetime.now(UTC))
    settings = Settings(home=tmp_path, tls_cert=folder / certificate, tls_key=folder / key if key else None)
    with pytest.raises(BadCertificate, match=named):
        _config(settings, PlainTextResponse("x"), served(settings))


def test_an_impossible_setting_is_told(tmp_path: Path) -> None:
    assert "GISGRID_PORT" in told(tmp_path, GISGRID_PORT="many")
