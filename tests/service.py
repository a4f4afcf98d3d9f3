"""The real command, in this process or one of its own, and the real service."""

import io
import os
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import chdir, contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Protocol
from unittest.mock import patch
from urllib.request import urlopen

from tests.postgis import as_owner, free_port

Done = subprocess.CompletedProcess[str]


def gisgrid(*arguments: str, home: Path, **settings: str) -> Done:
    """Run a command to its end, in an installation of its own: as in a process, without waiting for one to start."""
    from gisgrid.cli import main

    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", newline="") for _ in range(2))
    with (
        chdir(home),
        patch.dict(os.environ, _environment(home, settings)),
        patch.object(sys, "argv", ["gisgrid", *arguments]),
        redirect_stdout(out),
        redirect_stderr(err),
    ):
        try:
            main()
            status: object = 0
        except SystemExit as end:
            status = end.code
    said = [_written(stream) for stream in (out, err)]
    return Done(arguments, status if isinstance(status, int) else 0, *said)


def _written(stream: io.TextIOWrapper) -> str:
    stream.seek(0)
    return stream.read().replace("\r\n", "\n")


def process(*arguments: str, home: Path, **settings: str) -> Done:
    """Run a command to its end, in an installation and a process of its own."""
    command = [sys.executable, "-m", "gisgrid", *arguments]
    environment = _environment(home, settings)
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=home, env=environment, timeout=120)


def _environment(home: Path, settings: dict[str, str]) -> dict[str, str]:
    if "GISGRID_DATABASE_URL" in settings:
        settings = {"GISGRID_OWNER_DATABASE_URL": as_owner(settings["GISGRID_DATABASE_URL"]), **settings}
    return {**os.environ, "GISGRID_HOME": str(home), "PYTHONUNBUFFERED": "1", **settings}


class Process(Protocol):
    """What a service is asked as a process."""

    pid: int

    def poll(self) -> int | None: ...
    def wait(self, timeout: float | None = None) -> int: ...
    def terminate(self) -> None: ...


Start = Callable[[Path, dict[str, str], Path], Process]


def _start(home: Path, environment: dict[str, str], log: Path) -> Process:
    command = [sys.executable, "-m", "gisgrid", "serve"]
    with log.open("ab") as said:
        return subprocess.Popen(command, cwd=home, env=environment, stdout=said, stderr=said, process_group=0)


class Service:
    """A running `gisgrid serve`, a process group of its own; on a port that is free, or on the one that is given.

    `start` starts it in a folder, with an environment and a log to which what it says is added.
    """

    def __init__(self, home: Path, settings: dict[str, str], port: int | None = None, start: Start = _start) -> None:
        self.port = port or int(settings.get("GISGRID_PORT") or free_port())
        scheme = "https" if settings.get("GISGRID_PUBLIC_URL", "").startswith("https:") else "http"
        self.url = f"{scheme}://127.0.0.1:{self.port}"
        self.log = home / f"serve-{self.port}.log"
        if port is None:
            self.log.write_bytes(b"")
        environment = _environment(home, {"GISGRID_PORT": str(self.port), **settings})
        self.process = start(home, environment, self.log)

    def wait(self) -> None:
        """Wait until it is ready, whatever its certificate."""
        unverified = ssl._create_unverified_context()  # noqa: S323
        for _ in range(2400):
            try:
                urlopen(f"{self.url}/readyz", timeout=5, context=unverified).close()
            except OSError:
                assert self.process.poll() is None, self.log.read_text()
                time.sleep(0.05)
            else:
                return
        raise AssertionError(self.log.read_text())


@contextmanager
def running(home: Path, start: Start = _start, **settings: str) -> Iterator[Service]:
    """Yield a service that is ready; it is asked to stop at the end, if it still runs."""
    service = Service(home, settings, start=start)
    try:
        service.wait()
        yield service
    finally:
        service.process.terminate()
        service.process.wait(20)
