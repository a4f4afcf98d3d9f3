"""A real PostgreSQL with PostGIS for the tests: made in a temporary folder, on loopback, gone afterwards."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

FAST = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "shared_preload_libraries": "postgis-3",  # else every connection loads it
}
DURABLE = {"shared_preload_libraries": "postgis-3"}
"""As a server is that is not made for tests."""

OWNER, SERVICE = "postgres", "gisgrid_service"


def as_service(url: str) -> str:
    """Return the address of a test's database as the service has it: behind row-level security."""
    return url.replace(f"//{OWNER}@", f"//{SERVICE}@")


def as_owner(url: str) -> str:
    """Return the address of a test's database as its owner has it."""
    return url.replace(f"//{SERVICE}@", f"//{OWNER}@")


def programs() -> Path:
    """Return the folder of the newest PostgreSQL on this machine that has a server."""
    folders = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    if not folders:
        raise RuntimeError("no PostgreSQL server here: run `make test`, which installs one")
    return max(folders, key=lambda folder: int(folder.parent.name))


def free_port() -> int:
    """Return a loopback port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _account() -> str | None:
    """Return whom the server runs as: initdb and postgres refuse root."""
    if os.getuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


class Cluster:
    """A running server; `url(name)` is the address of one of its databases."""

    def __init__(self, folder: Path, options: Mapping[str, str] = FAST) -> None:
        self.folder = folder
        self.options = options
        self.port = free_port()
        self._account = _account()
        self._server: subprocess.Popen[bytes] | None = None

    def url(self, name: str) -> str:
        """Return the SQLAlchemy address of a database."""
        return f"postgresql+psycopg://postgres@127.0.0.1:{self.port}/{name}"

    def sql(self, statement: str) -> None:
        """Run one statement outside any transaction, in the maintenance database."""
        with self.connection(OWNER) as connection:
            connection.execute(statement.encode())

    def connection(self, name: str) -> psycopg.Connection[tuple[Any, ...]]:
        """Connect to one of its databases as the owner; each statement is a transaction."""
        return psycopg.connect(f"postgresql://{OWNER}@127.0.0.1:{self.port}/{name}", autocommit=True)

    def start(self) -> None:
        """Make the cluster on the first call; start the server and wait until it answers."""
        if not (self.folder / "data").exists():
            if self._account:
                shutil.chown(self.folder, self._account)
            how = ["--auth=trust", "--no-sync", "--no-locale", "--encoding=UTF8", "--username=postgres"]
            subprocess.run(
                self._command("initdb", "-D", "data", *how), cwd=self.folder, check=True, stdout=subprocess.DEVNULL
            )
        options = [word for name, value in self.options.items() for word in ("-c", f"{name}={value}")]
        where = ["-D", "data", "-k", str(self.folder), "-p", str(self.port), "-c", "listen_addresses=127.0.0.1"]
        with (self.folder / "log").open("ab") as log:
            self._server = subprocess.Popen(
                self._command("postgres", *where, *options), cwd=self.folder, stdout=log, stderr=log
            )
        self._wait()

    def stop(self) -> None:
        """Stop the server at once; what it had committed is still there on the next start."""
        if self._server is not None:
            self._server.send_signal(signal.SIGINT)
            self._server.wait(30)
            self._server = None

    def quit(self) -> None:
        """End the server in the middle of whatever it does; the next start recovers."""
        assert self._server is not None
        self._server.send_signal(signal.SIGQUIT)
        self._server.wait(30)
        self._server = None

    def kill(self) -> None:
        """End all of its processes at one moment, so that what they shared in memory is gone."""
        assert self._server is not None
        leader = self._server.pid
        self._server.send_signal(signal.SIGSTOP)  # so that it begets no others meanwhile
        children = Path(f"/proc/{leader}/task/{leader}/children").read_text().split()
        for pid in (leader, *map(int, children)):
            os.kill(pid, signal.SIGKILL)
        self._server.wait(30)
        self._server = None

    def _command(self, program: str, *arguments: str) -> list[str]:
        """Return the words that run a program as the right account, and end it when the tests are killed."""
        who = [f"--reuid={self._account}", f"--regid={self._account}", "--clear-groups"] if self._account else []
        if self._account == "nobody":
            who[1] = "--regid=nogroup"
        return ["setpriv", *who, "--pdeathsig=INT", str(programs() / program), *arguments]

    def _wait(self) -> None:
        deadline = time.monotonic() + 30
        while True:
            try:
                self.connection(OWNER).close()
            except psycopg.OperationalError:
                if time.monotonic() > deadline or self._server is None or self._server.poll() is not None:
                    raise RuntimeError((self.folder / "log").read_text(errors="replace")) from None
                time.sleep(0.05)
            else:
                return


@contextmanager
def cluster(options: Mapping[str, str] = FAST) -> Iterator[Cluster]:
    """Yield a running server that nobody else uses."""
    # not below pytest's own folder, which the server's account may not enter
    folder = Path(tempfile.mkdtemp(prefix="gisgrid-postgis-"))
    made = Cluster(folder, options)
    try:
        made.start()
        yield made
    finally:
        made.stop()
        shutil.rmtree(folder)
