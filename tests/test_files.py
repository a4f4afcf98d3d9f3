import errno
import os
from pathlib import Path

import pytest

from gisgrid.files import NotWritten, put

FULL = Path("/dev/full")


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_is_written_and_replaced_with_its_folder_and_its_rights(tmp_path: Path) -> None:
    path = tmp_path / "maps" / "图.html"
    put(path, "一".encode())
    path.chmod(0o600)
    put(path, "二\n".encode())
    assert path.read_bytes() == "二\n".encode()
    assert path.stat().st_mode & 0o777 == 0o600
    assert names(path.parent) == ["图.html"]


def test_a_full_disk_leaves_the_older_file_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.html"
    put(path, b"old")

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(NotWritten, match="No space left on device"):
        put(path, b"new")
    assert (path.read_text(), names(tmp_path)) == ("old", ["a.html"])


@pytest.mark.parametrize("place", [".", "a.html/b.html", "x" * 300])
def test_where_nothing_can_be_written_it_is_told_what_to_do(tmp_path: Path, place: str) -> None:
    (tmp_path / "a.html").touch()
    with pytest.raises(NotWritten, match=r"写不了.*换一个位置 / cannot write .*choose another place"):
        put(tmp_path / place, b"x")
    assert names(tmp_path) == ["a.html"]


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "latest.html").symlink_to("a.html")
    put(tmp_path / "latest.html", b"x")
    assert (tmp_path / "latest.html").is_symlink()
    assert (tmp_path / "a.html").read_text() == "x"


@pytest.mark.skipif(not FULL.exists(), reason="only Linux has a device that is always full")
def test_a_device_is_written_to_and_stays_one() -> None:
    with pytest.raises(NotWritten, match="/dev/full 写不了"):
        put(FULL, b"x")
    assert FULL.is_char_device()
