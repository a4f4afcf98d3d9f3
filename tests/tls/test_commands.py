import re
from pathlib import Path

import pytest

from gisgrid.staff.qr import qr_terminal
from gisgrid.tls.authority import fingerprint
from gisgrid.tls.files import SERVER, authority_of
from tests.service import gisgrid
from tests.tls.handshakes import ADDRESS, HOST


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """An installation with an authority."""
    assert gisgrid("tls", "init", HOST, ADDRESS, home=tmp_path).returncode == 0
    return tmp_path


def test_init_tells_what_to_set_and_what_to_compare(tmp_path: Path) -> None:
    done = gisgrid("tls", "init", HOST, ADDRESS, home=tmp_path, GISGRID_PORT="8443")
    assert done.returncode == 0, done.stderr
    assert f"GISGRID_HOST=0.0.0.0 GISGRID_PUBLIC_URL=https://{HOST}:8443" in done.stdout
    assert "GISGRID_INSTALL_PORT" in done.stdout
    assert fingerprint(authority_of(tmp_path / "data" / "tls")) in done.stdout
    again = gisgrid("tls", "init", HOST, home=tmp_path)
    assert (again.returncode, again.stderr.splitlines()[0]) == (1, "AuthorityThere")


def test_show_tells_names_days_address_and_code(home: Path) -> None:
    shown = gisgrid("tls", "show", home=home, GISGRID_PUBLIC_URL=f"https://{HOST}", GISGRID_INSTALL_PORT="8080").stdout
    address = f"http://{HOST}:8080/install"
    assert all(words in shown for words in (f"{HOST}, {ADDRESS}", "818 days left", address, qr_terminal(address)))
    assert fingerprint(authority_of(home / "data" / "tls")) in shown


@pytest.mark.parametrize(("name", "begins"), [("code.png", b"\x89PNG"), ("code.SVG", b"<?xml")])
def test_the_code_can_be_had_as_a_picture(home: Path, name: str, begins: bytes) -> None:
    done = gisgrid("tls", "show", "--picture", name, home=home)
    assert done.returncode == 0, done.stderr
    assert (home / name).read_bytes().startswith(begins)


def test_a_picture_of_another_kind_is_refused(home: Path) -> None:
    done = gisgrid("tls", "show", "--picture", "code.txt", home=home)
    assert (done.returncode, done.stderr.splitlines()[0]) == (1, "BadPicture")


def test_renew_says_that_the_service_is_to_be_started_anew(home: Path) -> None:
    before = (home / "data" / "tls" / SERVER).read_bytes()
    done = gisgrid("tls", "renew", home=home)
    assert (done.returncode, "start the service anew" in done.stdout) == (0, True)
    assert (home / "data" / "tls" / SERVER).read_bytes() != before


@pytest.mark.parametrize("command", ["show", "renew"])
def test_without_an_authority_the_way_to_one_is_told(tmp_path: Path, command: str) -> None:
    done = gisgrid("tls", command, home=tmp_path)
    assert (done.returncode, done.stderr.splitlines()[0]) == (1, "NoAuthority")
    assert re.search("gisgrid tls init", done.stderr.replace("\n", " "))
