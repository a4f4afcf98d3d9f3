"""A street whose phones have tokens, the services over its database, and what that database holds in the end."""

import os
from collections import Counter
from collections.abc import Sequence
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


class Services:
    """One service, or several over one database: each has a port that it keeps."""

    def __init__(self, home: Path, database_url: str, ready: Ready, count: int = 1, program: str = "gisgrid") -> None:
        self.home = home
        self.settings = {"GISGRID_DATABASE_URL": database_url}
        self.ports = [free_port() for _ in range(count)]
        self.running: dict[int, Service] = {}
        self._start = partial(ready.start, program)

    def start(self, ports: Sequence[int] = ()) -> None:
        """Start those of some ports, or all, and wait until they are ready."""
        for port in ports or self.ports:
            self.running[port] = Service(self.home, self.settings, port, self._start)
        for port in ports or self.ports:
            self.running[port].wait()

    def signal(self, how: Signals, ports: Sequence[int] = ()) -> None:
        """Send a signal to the process groups of those of some ports, or all."""
        for port in ports or self.running:
            with suppress(ProcessLookupError):  # it has ended by itself
                os.killpg(self.running[port].process.pid, how)

    def wait(self, ports: Sequence[int] = ()) -> list[int]:
        """Wait until those of some ports, or all, have ended; return their statuses."""
        return [self.running.pop(port).process.wait(30) for port in ports or list(self.running)]

    def kill(self) -> None:
        """End all without a word."""
        self.signal(Signals.SIGKILL)
        self.wait()

    def stop(self) -> None:
        """Ask all to stop, and wait until they have."""
        self.signal(Signals.SIGTERM)
        assert set(self.wait()) <= {0, -Signals.SIGTERM}
