"""The processes that serve: one alone on an embedded database, several on a server; one that dies is started again."""

import fcntl
import gc
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import FrameType
from typing import Final

import structlog
from sqlalchemy import Engine
from sqlalchemy.engine import make_url

from gisgrid.database import file_of
from gisgrid.errors import Conflict, Refused
from gisgrid.settings import Settings

STOPPING: Final = (signal.SIGINT, signal.SIGTERM)
PAUSE_S: Final = 1
"""Between two starts of a worker at least, so that one that cannot live does not take the machine."""

log = structlog.get_logger()

Work = Callable[[int], None]
"""What a worker of a number does until it is told to stop; the first is 0."""


class OneWorker(Refused):
    """Several workers on an embedded database, which has one writer."""


class AnotherService(Conflict):
    """Another service serves the same database file."""


def require_workers(settings: Settings) -> None:
    """Check that the database has room for so many workers. Raises OneWorker."""
    if settings.workers > 1 and make_url(settings.database_url).drivername == "sqlite":
        raise OneWorker(
            f"SpatiaLite 只能由一个进程服务,不能用 GISGRID_WORKERS={settings.workers};请去掉该设置,或改用 PostGIS",
            f"SpatiaLite is served by one process, not by GISGRID_WORKERS={settings.workers}: leave it out, or use "
            "PostGIS",
        )


@contextmanager
def only_service(engine: Engine) -> Iterator[None]:
    """Be the only service on a database file; commands may use it besides. Raises AnotherService.

    The lock lies on a file beside it: to open the database itself would, when it is closed, take SQLite's own locks
    away. The kernel gives it back when the process ends, in whatever way.
    """
    file = file_of(engine)
    if file is None:
        yield
        return
    with os.fdopen(os.open(_lock_file(file), os.O_RDWR | os.O_CREAT, 0o600)) as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise AnotherService(
                f"另一个 gisgrid serve 正在使用 {file};请先停止它,或为此服务另设 GISGRID_DATABASE_URL",
                f"another gisgrid serve uses {file}: stop it first, or name another GISGRID_DATABASE_URL",
            ) from error
        yield


def _lock_file(file: Path) -> Path:
    """Return the same file for a database by whatever way it is named."""
    real = file.resolve()
    return real.with_name(f"{real.name}-service")


def work_together(work: Work, count: int) -> None:
    """Let so many processes work, and start anew whichever ends by itself; return when they were told to stop, and did.

    What this process has open, they have too: it must hold nothing by now that two cannot share.
    """
    _Crew(work, count).run()


class _Crew:
    def __init__(self, work: Work, count: int) -> None:
        self._work = work
        self._count = count
        self._workers: dict[int, BaseProcess] = {}
        self._is_stopping = False

    def run(self) -> None:
        for how in STOPPING:
            signal.signal(how, self._stop)
        gc.collect()
        gc.freeze()  # what all share stays shared: the collector writes to whatever it looks at
        for number in range(self._count):
            self._start(number)
        while not self._is_stopping:
            begun = time.monotonic()
            wait([worker.sentinel for worker in self._workers.values()])
            ended = [number for number, worker in self._workers.items() if not worker.is_alive()]
            if ended and not self._is_stopping:
                time.sleep(max(0, PAUSE_S - (time.monotonic() - begun)))
                self._start_again(ended)
        for worker in self._workers.values():
            worker.join()

    def _start_again(self, numbers: list[int]) -> None:
        for number in numbers:
            log.error("a worker has ended and is started again", worker=number, status=self._workers[number].exitcode)
            self._start(number)

    def _start(self, number: int) -> None:
        """Start a worker, unless it is time to stop; who is told to stop in between tells the new one, too."""
        before = signal.pthread_sigmask(signal.SIG_BLOCK, STOPPING)
        if not self._is_stopping:
            worker = multiprocessing.get_context("fork").Process(target=self._live, args=(number,))
            worker.start()
            self._workers[number] = worker
        signal.pthread_sigmask(signal.SIG_SETMASK, before)

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self._is_stopping = True
        for worker in self._workers.values():
            with suppress(ProcessLookupError):
                worker.terminate()

    def _live(self, number: int) -> None:
        for how in STOPPING:
            signal.signal(how, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPPING)
        threading.Thread(target=_end_with_parent, name="parent", daemon=True).start()
        try:
            self._work(number)
        except Exception:
            log.exception("failure", worker=number)
            sys.exit(1)


def _end_with_parent() -> None:
    """Stop in order when the process that would start this one again is gone: the next service needs the port."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)
