"""What is finished of a file in the making, so that a run that was killed is continued where it stopped.

Beside the unfinished file lies its journal: a line that says what is made from what, then a line for each piece that
is in the file. A line that is not whole does not count, nor does the journal of another source, another wish or
another start of the machine: a crash of the machine may have lost what a killed run wrote, and lost it anywhere.
"""

import fcntl
import json
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Final

from gisgrid.errors import Conflict
from gisgrid.grid.streams.cells import Joined

FORMAT: Final = 1
_MACHINE_START: Final = Path("/proc/sys/kernel/random/boot_id")  # absent elsewhere than on Linux


class AlreadyBeingWritten(Conflict):
    """Another run is making the same file."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A finished piece: where it ends in the file, what it counts, and what its maker must know of it later."""

    end: int
    counts: Joined
    note: Any = None


class Journal(AbstractContextManager["Journal"]):
    """The journal of one unfinished file; `entries` are the finished pieces, in order.

    Raises AlreadyBeingWritten while another run keeps it.
    """

    def __init__(self, path: Path, made_from: Mapping[str, Any]) -> None:
        self._path = path
        self._file = path.open("a+b")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            self._file.close()
            raise AlreadyBeingWritten(
                f"另一个进程正在写 {path.name}", f"another process is writing {path.name} at this moment"
            ) from error
        start = _MACHINE_START.read_text().strip() if _MACHINE_START.exists() else ""
        self._title = _line({"format": FORMAT, "machine_start": start, **made_from})
        self.entries = self._read()
        if not self.entries:
            self.begin_anew()

    def _read(self) -> list[Entry]:
        """Return the finished pieces, and leave the file ready for more."""
        self._file.seek(0)
        if self._file.readline() != self._title:
            return []
        found, end = [], self._file.tell()
        for line in self._file:
            if not line.endswith(b"\n"):
                break
            told = json.loads(line)
            found.append(Entry(told["end"], Joined(**told["counts"]), told["note"]))
            end += len(line)
        self._file.truncate(end)
        return found

    def begin_anew(self) -> None:
        """Forget what is finished."""
        self.entries = []
        self._file.truncate(0)
        self._file.write(self._title)
        self._file.flush()

    def add(self, entry: Entry) -> None:
        """Note a piece that is in the file."""
        self.entries.append(entry)
        self._file.write(_line(asdict(entry)))
        self._file.flush()

    def remove(self) -> None:
        """Take the journal away: the file is finished, or cannot be."""
        self._path.unlink(missing_ok=True)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()


def _line(values: Mapping[str, Any]) -> bytes:
    return json.dumps(values, ensure_ascii=False).encode("utf-8", "surrogateescape") + b"\n"
