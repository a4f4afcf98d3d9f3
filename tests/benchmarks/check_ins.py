"""The write path against a plain one: `make bench`, or `python -m tests.benchmarks.check_ins --quick` for a first look.

Every way has the same phones, walks and index, and a database of its service's own; within one run the rounds alternate
between them, each with 32 connections, on a service with one worker, on disks that are waited for.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Final

from sqlalchemy import func, select

from gisgrid.database import make_engine, make_file
from gisgrid.migrations import upgrade
from gisgrid.once import table_of
from gisgrid.owner import let_service_in
from gisgrid.patrols import tables
from tests.benchmarks import walkers
from tests.benchmarks.check_ins_report import PLAIN, Dose, Measured, Report, Round, write
from tests.benchmarks.report import machine
from tests.benchmarks.sender import CONNECTIONS, Sender
from tests.benchmarks.server import postmaster_of, server_s
from tests.benchmarks.walkers import BEGUN, Phone, Say, equip
from tests.postgis import DURABLE, SERVICE, as_service, cluster
from tests.service import Process, Service, running

HERE: Final = Path(__file__).parent
BATCH: Final = 100
WARM_S: Final = 1.0
TICKS: Final = os.sysconf("SC_CLK_TCK")
PACKAGES: Final = ("fastapi", "starlette", "uvicorn", "sqlalchemy", "pydantic", "pysqlite3", "psycopg")


@dataclass(frozen=True)
class Way:
    """How check-ins are sent: `size` in a request, to our service or to the plain one."""

    name: str
    say: Say
    size: int


WAYS: Final = (
    Way("gisgrid /ingest/traccar", walkers.traccar, 1),
    Way("gisgrid /api/check-ins", walkers.api, 1),
    Way(PLAIN, walkers.plain, 1),
    Way("gisgrid /ingest/json", walkers.own, BATCH),
    Way("gisgrid /ingest/overland", walkers.overland, BATCH),
    Way(PLAIN, walkers.plain_batch, BATCH),
)
FULL: Final = Dose(phones=3 * CONNECTIONS * len(WAYS), rounds=4, seconds=5.0)
QUICK: Final = Dose(phones=CONNECTIONS * len(WAYS), rounds=2, seconds=2.0)


@dataclass(frozen=True)
class Database:
    """A kind of database: how one of a name is made, and what its server has computed so far."""

    name: str
    make: Callable[[str], str]
    cpu_s: Callable[[], float]


@contextmanager
def databases(folder: Path) -> Iterator[list[Database]]:
    """Yield both kinds: files in a folder, and a server of its own."""

    def file(name: str) -> str:
        return f"sqlite:///{folder}/{name}.sqlite"

    with cluster(DURABLE) as server:
        server.sql(f"CREATE ROLE {SERVICE} LOGIN")

        def database(name: str) -> str:
            server.sql(f"CREATE DATABASE {name}")
            return server.url(name)

        yield [
            Database("SpatiaLite", file, float),
            Database("PostGIS", database, partial(server_s, postmaster_of(server))),
        ]


# --- the contest -----------------------------------------------------------------------------------


def compare(database: Database, dose: Dose, folder: Path) -> list[Measured]:
    """Measure all ways on one kind of database. What was acknowledged must be there, once."""
    start = datetime.now(UTC) - BEGUN
    measured = []
    with ExitStack() as stack:
        ours, plain = (database.make(name) for name in ("ours", "plain"))
        phones = {url: _equipped(url, dose.phones) for url in (ours, plain)}
        services = {
            ours: stack.enter_context(running(folder, GISGRID_DATABASE_URL=as_service(ours))),
            plain: stack.enter_context(running(folder, _start_plain, GISGRID_DATABASE_URL=plain)),
        }
        senders = []
        for number, way in enumerate(WAYS):
            url = plain if way.name == PLAIN else ours
            own = list(enumerate(phones[url]))[number :: len(WAYS)]
            sender = Sender(services[url].port, own, way.say, way.size, start)
            senders.append(stack.enter_context(sender))
            measured.append(Measured(database.name, way.name, way.size))
        rounds = [WARM_S, *[dose.seconds] * dose.rounds]
        for number, seconds in enumerate(rounds):
            turn = list(zip(WAYS, senders, measured, strict=True))
            for way, sender, one in turn if number % 2 else turn[::-1]:
                service = services[plain if way.name == PLAIN else ours]
                one.note(_round(sender, seconds, service, database, one), is_counted=number > 0)
    for url in (ours, plain):
        told = sum(one.acknowledged for one in measured if (one.way == PLAIN) == (url == plain))
        assert _stored(url) == told, f"{database.name}: {told} acknowledged"
    return measured


def _round(sender: Sender, seconds: float, service: Service, database: Database, one: Measured) -> Round:
    sender.make(one.requests_in(1.5 * seconds) // CONNECTIONS + 1)
    begun = _processor_s(service.process.pid), database.cpu_s()
    sent = sender.send(seconds)
    service_s, database_s = _processor_s(service.process.pid) - begun[0], database.cpu_s() - begun[1]
    assert set(sent.statuses) == {b"200"}, (one.way, sent.statuses)
    return Round(sent.latencies_s, sent.wall_s, sent.cpu_s, service_s, database_s)


def _processor_s(pid: int) -> float:
    """Return the seconds that a process has computed."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:13])) / TICKS


def _equipped(url: str, phones: int) -> list[Phone]:
    engine = make_engine(url)
    make_file(engine)
    upgrade(engine)
    let_service_in(engine, as_service(url))
    try:
        return equip(engine, phones)
    finally:
        engine.dispose()


def _stored(url: str) -> int:
    engine = make_engine(url)
    with engine.connect() as connection:
        stored = connection.scalar(select(func.count()).select_from(table_of(tables.Fix)))
    engine.dispose()
    return int(stored or 0)


def _start_plain(home: Path, environment: dict[str, str], log: Path) -> Process:
    database, port = environment["GISGRID_DATABASE_URL"], environment["GISGRID_PORT"]
    with log.open("ab") as said:
        return subprocess.Popen(
            [sys.executable, "-m", "tests.benchmarks.plain", database, port],
            cwd=HERE.parent.parent,
            env=environment,
            stdout=said,
            stderr=said,
        )


# --- the run ---------------------------------------------------------------------------------------


def main() -> int:
    """Run, write the table, the figures and the plot."""
    asked = _arguments()
    dose = QUICK if asked.quick else FULL
    about = machine(PACKAGES)
    with tempfile.TemporaryDirectory(prefix="gisgrid-bench-") as name:
        folder = Path(name)
        about["fsync ms"] = f"{fsync_ms(folder):.2f}"
        with databases(folder) as both:
            measured = [one for database in both for one in compare(database, dose, folder)]
    asked.to.mkdir(parents=True, exist_ok=True)
    sys.stdout.write(write(Report(about, dose, measured), asked.to))
    return 0


def fsync_ms(folder: Path) -> float:
    """Return how long the disk takes to keep a page, in the middle of 50 times."""
    took = []
    with (folder / "page").open("wb", buffering=0) as page:
        for _ in range(50):
            page.write(bytes(4096))
            begun = time.perf_counter()
            os.fsync(page.fileno())
            took.append(time.perf_counter() - begun)
    return 1000 * statistics.median(took)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.check_ins", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="约两分钟，结果写入 build/ / two minutes, into build/")
    parser.add_argument("--to", type=Path, help="结果目录 / folder of the results")
    asked = parser.parse_args()
    asked.to = asked.to or (HERE.parent.parent / "build" / "benchmarks" if asked.quick else HERE)
    return asked


if __name__ == "__main__":
    sys.exit(main())
