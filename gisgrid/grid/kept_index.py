"""The file of an index: arrays one after the other, mapped back without being read, so that processes share them.

Layout: MAGIC, the CRC-32 of all that follows, the length of the header (4 bytes each, little-endian), the header in
JSON (`name: [dtype, length, offset]`), then the arrays, one-dimensional, each at a multiple of ALIGNED bytes.
"""

import json
import struct
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from gisgrid.errors import Refused

KIND: Final = b"gisgrid index "
MAGIC: Final = KIND + b"2\n"  # since squares come in whole blocks
ALIGNED: Final = 64
_FRONT: Final = struct.Struct(f"<{len(MAGIC)}sII")

Arrays = Mapping[str, NDArray[Any]]


class UnreadableIndex(Refused):
    """A file that is no index, or no longer a whole one, or one of another version."""


def write_arrays(path: Path, arrays: Arrays) -> None:
    """Write one-dimensional arrays to a file, which appears under its name only when it is whole."""
    header, body = {}, bytearray()
    for name, array in arrays.items():
        body += bytes(-len(body) % ALIGNED)
        header[name] = [array.dtype.str, len(array), len(body)]
        body += np.ascontiguousarray(array).data.cast("B")
    words = json.dumps(header).encode()
    words += b" " * (-(_FRONT.size + len(words)) % ALIGNED)
    rest = struct.pack("<I", len(words)) + words + body
    part = path.with_name(f".part-{path.name}")
    part.write_bytes(MAGIC + struct.pack("<I", zlib.crc32(rest)) + rest)
    part.replace(path)


def map_arrays(path: Path) -> dict[str, NDArray[Any]]:
    """Return the arrays of a file, read-only views of one mapping of it. Raises UnreadableIndex."""
    try:
        # not of the subclass memmap: its slices are slower to make
        file = np.asarray(np.memmap(path, dtype=np.uint8, mode="r"))
    except (OSError, ValueError) as error:
        raise _unreadable(path, "没有这个文件,或者它是空的", "there is no such file, or it is empty") from error
    magic, checksum, length = _FRONT.unpack(file[: _FRONT.size].tobytes().ljust(_FRONT.size))
    if not magic.startswith(KIND):
        raise _unreadable(path, "它不是网格索引", "it is not an index of cells")
    if magic != MAGIC:
        raise _unreadable(path, "它由另一版本写成,请重新保存", "another version wrote it; save it anew")
    if zlib.crc32(file[len(MAGIC) + 4 :].data) != checksum:
        raise _unreadable(path, "文件已损坏,请重新保存", "it is damaged; save it anew")
    begin = _FRONT.size + length
    header = json.loads(file[_FRONT.size : begin].tobytes())
    return {name: _view(file[begin + offset :], np.dtype(kind), size) for name, (kind, size, offset) in header.items()}


def _view(file: NDArray[np.uint8], kind: np.dtype[Any], size: int) -> NDArray[Any]:
    return file[: size * kind.itemsize].view(kind)


def _unreadable(path: Path, zh: str, en: str) -> UnreadableIndex:
    return UnreadableIndex(f"无法使用索引 {path.name}:{zh}", f"cannot use the index {path.name}: {en}")
