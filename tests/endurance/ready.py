"""The real command without the seconds that its modules take to load: a process that has them forks itself for each."""

import json
import os
import select
import signal
import subprocess
import sys
import traceback
from collections.abc import Mapping
from contextlib import suppress
from ctypes import CDLL
from importlib import import_module
from pathlib import Path
from typing import Any

PR_SET_PDEATHSIG = 1
LOADED = ("gisgrid.cli", "pyogrio", "pysqlite3.dbapi2", "psycopg", "uvloop", "uvicorn.protocols.http.httptools_impl")


class Started:
    """A process that was forked, as `subprocess.Popen` has it."""

    def __init__(self, ready: "Ready", pid: int) -> None:
        self.pid = pid
        self._ready = ready
        self._handle = os.pidfd_open(pid)
        self._status: int | None = None

    def poll(self) -> int | None:
        """Return its exit status, negative for a signal; None while it runs."""
        with suppress(subprocess.TimeoutExpired):
            return self.wait(0)
        return None

    def wait(self, timeout: float | None = None) -> int:
        """Wait until it has ended; return its exit status. Raises TimeoutExpired."""
        if self._status is None:
            if not select.select([self._handle], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired(str(self.pid), timeout or 0)
            self._status = self._ready.ask(end_of=self.pid)
            os.close(self._handle)
        return self._status

    def terminate(self) -> None:
        """Ask it to stop."""
        if self._status is None:
            signal.pidfd_send_signal(self._handle, signal.SIGTERM)


class Ready:
    """The process that forks. What it has started ends with it."""

    def __init__(self, **environment: str) -> None:
        command = [sys.executable, "-u", "-m", "tests.endurance.ready"]
        ends = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        self._process = subprocess.Popen(command, text=True, env={**os.environ, **environment}, **ends)  # type: ignore[call-overload]

    def start(self, program: str, home: Path, environment: Mapping[str, str], log: Path) -> Started:
        """Start `python -m program serve` in a folder; what it says is added to the log."""
        started = {"program": program, "home": str(home), "environment": dict(environment), "log": str(log)}
        return Started(self, self.ask(**started))

    def ask(self, **what: Any) -> int:
        """Return the pid of what is to be started, or the status of what has ended."""
        self._process.stdin.write(json.dumps(what) + "\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())

    def close(self) -> None:
        """End it."""
        self._process.stdin.close()
        self._process.wait(30)
        self._process.stdout.close()


def _serve(program: str, home: str, environment: dict[str, str], log: str) -> None:
    CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    os.setpgid(0, 0)
    os.dup2(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), 1)
    os.dup2(1, 2)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.chdir(home)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = [program, "serve"]
    import_module(f"{program}.__main__" if program == "gisgrid" else program).main()


def _fork(**what: Any) -> int:
    pid = os.fork()
    if pid:
        return pid
    status = 1
    try:
        _serve(**what)
        status = 0
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else 1
    except BaseException:  # noqa: BLE001 - this is where its end is told
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def main() -> None:
    """Start what is asked for, one line of JSON each, and tell the pid; end it all when nobody asks any more."""
    for module in LOADED:
        import_module(module)
    for line in sys.stdin:
        what = json.loads(line)
        ends = "end_of" in what
        answer = os.waitstatus_to_exitcode(os.waitpid(what["end_of"], 0)[1]) if ends else _fork(**what)
        sys.stdout.write(f"{answer}\n")
        sys.stdout.flush()
    os._exit(0)  # to take all the modules down again takes seconds


if __name__ == "__main__":
    main()
