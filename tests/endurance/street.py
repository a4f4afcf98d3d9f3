"""A street whose phones have tokens, the service over its database, and what that database holds in the end."""

import os
from collections import Counter
from contextlib import suppress
from datetime import timedelta
from functools import partial
from pathlib import Path
from signal import Signals

from sqlalchemy import Engine, select

from gisgrid.database import session_scope
from gisgrid.once import table_of
from gisgrid.patrols import tables
from gisgrid.staff.tokens import issue
from tests.endurance.clients import OURS, START, a_fix
from tests.endurance.ready import Ready
from tests.laid import SUBSTATION, lay
from tests.postgis import free_port
from tests.service import Service

FIX = table_of(tables.Fix)


def equip(engine: Engine, phones: int) -> list[str]:
    """Lay the grid and return the tokens of so many phones."""
    lay(engine)
    with session_scope(engine, write=True) as session:
        names = [f"phone {number}" for number in range(phones)]
        return [issue(session, "device", cell_code=SUBSTATION, name=name).words for name in names]


def kept(engine: Engine, step: timedelta = OURS.step) -> Counter[int]:
    """Return how often the fix of each number is stored; each must be as it was sent."""
    with engine.connect() as connection:
        rows = connection.execute(select(FIX.c.fix_at, FIX.c.raw_longitude, FIX.c.raw_latitude)).all()
    found: Counter[int] = Counter()
    for at, longitude, latitude in rows:
        number = round((at - START) / step)
        assert (at, longitude, latitude) == a_fix(number, step)[1:]
        found[number] += 1
    return found


class Site:
    """A service over a database, on a port that it keeps however often it ends; perhaps with several workers."""

    def __init__(self, home: Path, database_url: str, ready: Ready, workers: int = 1, program: str = "gisgrid") -> None:
        self.home = home
        self.settings = {"GISGRID_DATABASE_URL": database_url, "GISGRID_WORKERS": str(workers)}
        self.port = free_port()
        self._start = partial(ready.start, program)
        self._service: Service | None = None

    @property
    def pid(self) -> int:
        """The process that was started; its workers, if there are several, are others."""
        assert self._service is not None
        return self._service.process.pid

    def start(self) -> None:
        """Start it and wait until it is ready."""
        self._service = Service(self.home, self.settings, self.port, self._start)
        self._service.wait()

    def signal(self, how: Signals) -> None:
        """Send a signal to all of its processes."""
        with suppress(ProcessLookupError):  # it has ended by itself
            os.killpg(self.pid, how)

    def signal_worker(self, how: Signals) -> None:
        """Send a signal to the oldest of its several workers alone."""
        oldest, *_ = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        with suppress(ProcessLookupError):
            os.kill(int(oldest), how)

    def wait(self) -> int:
        """Wait until it has ended; return its status."""
        assert self._service is not None
        status = self._service.process.wait(30)
        self._service = None
        return status

    def kill(self) -> None:
        """End it without a word, if it runs."""
        if self._service is not None:
            self.signal(Signals.SIGKILL)
            self.wait()

    def stop(self) -> None:
        """Ask it to stop, and wait until it has."""
        self.signal(Signals.SIGTERM)
        assert self.wait() in (0, -Signals.SIGTERM)
