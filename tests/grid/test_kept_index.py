from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from gisgrid.grid.kept_index import MAGIC, UnreadableIndex, map_arrays, write_arrays

ARRAYS = {
    "labels": np.arange(-5, 1000, dtype=np.int16),
    "none": np.empty(0, dtype=np.int64),
    "odd": np.array([1, 2, 255], dtype=np.uint8),
    "ruling": np.array([0.1, -np.inf, 1e308]),
}


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    write_arrays(tmp_path / "a.index", ARRAYS)
    return tmp_path / "a.index"


def test_arrays_come_back_the_same_and_cannot_be_changed(kept: Path) -> None:
    found = map_arrays(kept)
    assert list(found) == list(ARRAYS)
    for name, array in ARRAYS.items():
        assert found[name].dtype == array.dtype
        assert_array_equal(found[name], array)
        assert not found[name].flags.writeable
        assert found[name].ctypes.data % array.itemsize == 0
    assert [path.name for path in kept.parent.iterdir()] == ["a.index"]


def test_arrays_are_mapped_and_not_read(kept: Path) -> None:
    base = map_arrays(kept)["labels"]
    while isinstance(base.base, np.ndarray):
        base = base.base
    assert isinstance(base, np.memmap)


def test_every_damaged_byte_is_noticed(kept: Path) -> None:
    whole = kept.read_bytes()
    for place in {*range(0, len(whole), 37), *range(24), len(whole) - 1}:
        damaged = bytearray(whole)
        damaged[place] ^= 0x10
        kept.write_bytes(damaged)
        with pytest.raises(UnreadableIndex, match=r"a\.index"):
            map_arrays(kept)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"x", "not an index"),
        (b"PAR1" * 100, "not an index"),
        (MAGIC.replace(b"2", b"1") + bytes(100), "another version"),
        (MAGIC, "damaged"),
        (MAGIC + bytes(8), "damaged"),
    ],
)
def test_what_is_no_index_is_told(kept: Path, content: bytes, words: str) -> None:
    kept.write_bytes(content)
    with pytest.raises(UnreadableIndex, match=words):
        map_arrays(kept)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.99])
def test_half_a_file_is_noticed(kept: Path, share: float) -> None:
    whole = kept.read_bytes()
    kept.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(UnreadableIndex, match="damaged"):
        map_arrays(kept)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UnreadableIndex, match="没有这个文件"):
        map_arrays(tmp_path / "nowhere.index")
