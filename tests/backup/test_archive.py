import json
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gisgrid.backup.archive import COPY, MANIFEST, BackupExists, BadBackup, Manifest, bytes_print, pack, unpack
from gisgrid.backup.fingerprint import TablePrint

CONTENT = bytes(range(256)) * 40


def a_backup(folder: Path) -> Path:
    copy = folder / "copied"
    copy.write_bytes(CONTENT)
    manifest = Manifest(
        kind="sqlite",
        program="1",
        revision="r",
        made_at=datetime(2026, 11, 1, tzinfo=UTC),
        size=len(CONTENT),
        sha256=bytes_print(copy),
        tables={"cells": TablePrint(rows=1, sha256="0" * 64)},
    )
    pack(folder / "backup.zip", manifest, copy)
    return folder / "backup.zip"


def rewritten(file: Path, **members: bytes) -> Path:
    with zipfile.ZipFile(file) as archive:
        kept = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in {**kept, **members}.items():
            archive.writestr(name, content)
    return file


def manifest_with(file: Path, **changes: object) -> bytes:
    with zipfile.ZipFile(file) as archive:
        return json.dumps({**json.loads(archive.read(MANIFEST)), **changes}).encode()


def test_what_is_packed_comes_out_again(tmp_path: Path) -> None:
    manifest = unpack(a_backup(tmp_path), tmp_path / "out")
    assert (tmp_path / "out").read_bytes() == CONTENT
    assert manifest.tables["cells"].rows == 1


def test_nobody_else_may_read_it_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    file = a_backup(tmp_path)
    assert file.stat().st_mode & 0o077 == 0
    assert {path.name for path in tmp_path.iterdir()} == {"copied", "backup.zip"}


def test_an_existing_file_is_never_replaced(tmp_path: Path) -> None:
    before = a_backup(tmp_path).read_bytes()
    with pytest.raises(BackupExists, match=r"backup\.zip"):
        a_backup(tmp_path)
    assert (tmp_path / "backup.zip").read_bytes() == before
    assert not (tmp_path / "backup.zip.part").exists()


@pytest.mark.parametrize("share", [0, 0.1, 0.5, 0.9, 0.99, 0.999])
def test_a_truncated_backup_is_refused(tmp_path: Path, share: float) -> None:
    file = a_backup(tmp_path)
    whole = file.read_bytes()
    file.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(BadBackup, match="备份"):
        unpack(file, tmp_path / "out")


def test_an_altered_byte_never_changes_what_comes_out(tmp_path: Path) -> None:
    file = a_backup(tmp_path)
    with zipfile.ZipFile(file) as archive:
        entry = archive.getinfo(COPY)
        begin = entry.header_offset + 30 + len(COPY)
    whole, refused = file.read_bytes(), 0
    for place in range(begin, begin + entry.compress_size):
        file.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        try:
            unpack(file, tmp_path / "out")
        except BadBackup:
            refused += 1
        else:  # a bit without meaning, such as the padding at the end
            assert (tmp_path / "out").read_bytes() == CONTENT
    assert refused > 0.9 * entry.compress_size


def test_another_copy_under_the_same_manifest_is_refused(tmp_path: Path) -> None:
    file = rewritten(a_backup(tmp_path), **{COPY: CONTENT[::-1]})
    with pytest.raises(BadBackup, match="checksum"):
        unpack(file, tmp_path / "out")


def test_a_copy_of_another_size_is_not_even_unpacked(tmp_path: Path) -> None:
    file = rewritten(a_backup(tmp_path), **{COPY: CONTENT * 2})
    with pytest.raises(BadBackup, match="size"):
        unpack(file, tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("changes", [{"format": 2}, {"kind": "mysql"}, {"tables": 3}, {"more": 1}])
def test_a_manifest_that_is_not_ours_is_refused(tmp_path: Path, changes: dict[str, object]) -> None:
    file = a_backup(tmp_path)
    rewritten(file, **{MANIFEST: manifest_with(file, **changes)})
    with pytest.raises(BadBackup):
        unpack(file, tmp_path / "out")


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadBackup, match=r"none\.zip"):
        unpack(tmp_path / "none.zip", tmp_path / "out")
