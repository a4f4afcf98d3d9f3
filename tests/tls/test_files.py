import os
import stat
from pathlib import Path

import pytest

from gisgrid.tls import files
from gisgrid.tls.authority import NotPermitted, Pair, names_of
from gisgrid.tls.files import (
    CERTIFICATE,
    KEY,
    SERVER,
    AuthorityThere,
    BadCertificate,
    NoAuthority,
    authority_of,
    make,
    read,
    renew,
)
from gisgrid.tls.names import read_names, written
from tests.tls.handshakes import ADDRESS, HOST, NOW, shake_hands

NAMES = read_names([HOST, ADDRESS])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with an authority."""
    folder = tmp_path / "data" / "tls"
    make(folder, NAMES, NOW)
    return folder


def kept(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def served(folder: Path) -> Pair:
    return Pair(read(folder / SERVER), files._key_of(folder / SERVER))


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_keys_are_for_their_owner_alone(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        make(tmp_path / "data" / "tls", NAMES, NOW)
        renew(tmp_path / "data" / "tls", (), NOW)
    finally:
        os.umask(before)
    folder = tmp_path / "data" / "tls"
    assert [mode(path) for path in (folder.parent, folder)] == [0o700, 0o700]
    assert {file.name: mode(file) for file in folder.iterdir()} == {CERTIFICATE: 0o644, KEY: 0o600, SERVER: 0o600}
    assert b"PRIVATE" not in (folder / CERTIFICATE).read_bytes()


def test_what_is_there_is_never_overwritten(folder: Path) -> None:
    before = kept(folder)
    with pytest.raises(AuthorityThere, match="gisgrid tls renew"):
        make(folder, read_names(["other.example"]), NOW)
    assert kept(folder) == before
    assert [path.name for path in folder.parent.iterdir()] == ["tls"]


def test_whoever_is_slower_overwrites_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "tls"

    def outrun(*given: object) -> Pair:
        with monkeypatch.context() as patch:
            patch.setattr(files, "make_server", make_server)
            make(folder, NAMES, NOW)
        return make_server(*given)  # type: ignore[arg-type]

    make_server = files.make_server
    monkeypatch.setattr(files, "make_server", outrun)
    with pytest.raises(AuthorityThere):
        make(folder, read_names(["other.example"]), NOW)
    assert written(names_of(read(folder / SERVER))) == (HOST, ADDRESS)


def test_what_is_cut_off_leaves_nothing_half_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files, "_write_server", full)
    with pytest.raises(OSError, match="No space"):
        make(tmp_path / "tls", NAMES, NOW)
    assert list(tmp_path.iterdir()) == []


def test_a_renewal_keeps_the_authority_and_whoever_trusts_it(folder: Path) -> None:
    trusted, before, old = authority_of(folder), kept(folder), served(folder)
    (folder / f"{SERVER}.part").write_bytes(b"left by one that was cut off")
    renew(folder, (), NOW)
    after, new = kept(folder), served(folder)
    assert {name for name in before if before[name] != after[name]} == {SERVER}
    assert set(after) == set(before)
    assert new.key.private_numbers() != old.key.private_numbers()
    for name in (HOST, ADDRESS):
        shake_hands(trusted, new, name)


def test_a_renewal_takes_other_names_as_far_as_the_authority_may(folder: Path) -> None:
    renew(folder, read_names([f"a.{HOST}"]), NOW)
    assert written(names_of(read(folder / SERVER))) == (f"a.{HOST}",)
    before = kept(folder)
    with pytest.raises(NotPermitted):
        renew(folder, read_names(["bank.example"]), NOW)
    assert kept(folder) == before


def test_without_an_authority_nothing_is_renewed(tmp_path: Path) -> None:
    with pytest.raises(NoAuthority, match="gisgrid tls init"):
        renew(tmp_path / "tls", (), NOW)


@pytest.mark.parametrize("name", [CERTIFICATE, KEY, SERVER])
@pytest.mark.parametrize("content", [None, b"", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"])
def test_a_damaged_file_is_named(folder: Path, name: str, content: bytes | None) -> None:
    (folder / name).unlink()
    if content is not None:
        (folder / name).write_bytes(content)
    with pytest.raises(BadCertificate) as refused:
        renew(folder, (), NOW)
    assert str(folder / name) in refused.value.zh
    assert str(folder / name) in refused.value.en
