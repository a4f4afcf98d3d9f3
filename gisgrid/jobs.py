"""What the service does by itself: each job has a time at which it is due, and of many workers one does it then.

Whoever takes a job moves its time on by a lease, and by the rest when it is done: if it dies at it, another takes it.
"""

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, time, timedelta
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import CursorResult, Engine, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column

from gisgrid.database import Base, session_scope

FIRST_S: Final = 60
"""A service that has just started has other things to do."""
EVERY_S: Final = 60
LOOK_S: Final = 3
STOP_S: Final = 0.8
"""How long the end of the service waits for a job that is told to stop; what it then has not committed is undone."""
LEASE: Final = timedelta(minutes=15)
RETRY: Final = timedelta(minutes=10)

log = structlog.get_logger()

Stopping = Callable[[], bool]


class Due(Base):
    """When a job is due."""

    __tablename__ = "jobs"

    name: Mapped[str] = mapped_column(primary_key=True)
    next_at: Mapped[datetime]


class Job(NamedTuple):
    """Work that may be done twice without harm, and leaves off soon once `Stopping` says so.

    `following` tells from the time at which it was done when it is due again.
    """

    name: str
    act: Callable[[datetime, Stopping], object]
    following: Callable[[datetime], datetime]


def each_minute(moment: datetime) -> datetime:
    """Return the time of the next look at the jobs, or a little before."""
    return moment + timedelta(seconds=EVERY_S - 5)


def hourly(moment: datetime) -> datetime:
    """Return the time an hour later."""
    return moment + timedelta(hours=1)


def daily(zone: ZoneInfo) -> Callable[[datetime], datetime]:
    """Return what tells the time soon after the next local midnight."""

    def following(moment: datetime) -> datetime:
        tomorrow = moment.astimezone(zone).date() + timedelta(days=1)
        return datetime.combine(tomorrow, time(0, 5), zone)

    return following


@contextmanager
def keeping(
    engine: Engine, jobs: Sequence[Job], first_s: float = FIRST_S, every_s: float = EVERY_S
) -> Iterator[threading.Thread]:
    """Do the jobs when they are due, for as long as the context lasts, in a thread of its own."""
    stop = threading.Event()
    # a daemon: a job that is deep in a measurement must not keep the process
    thread = threading.Thread(target=_keep, args=(engine, jobs, stop, first_s, every_s), name="jobs", daemon=True)
    thread.start()
    try:
        yield thread
    finally:
        stop.set()
        thread.join(STOP_S)


@contextmanager
def looking(
    name: str, act: Callable[[datetime, Stopping], object], every_s: float = LOOK_S
) -> Iterator[threading.Thread]:
    """Do what cannot wait for a minute every few seconds, in each worker, for as long as the context lasts.

    The act only reads where there is nothing to do, and done twice at once it does no harm. An error is logged.
    """
    stop = threading.Event()
    thread = threading.Thread(target=_look, args=(name, act, stop, every_s), name=name, daemon=True)
    thread.start()
    try:
        yield thread
    finally:
        stop.set()
        thread.join(STOP_S)


def _look(name: str, act: Callable[[datetime, Stopping], object], stop: threading.Event, every_s: float) -> None:
    while not stop.wait(every_s):
        try:
            act(datetime.now(UTC), stop.is_set)
        except Exception:
            log.exception("look", job=name)


def one_by_one(
    engine: Engine, numbers: Iterable[int], act: Callable[[Session, int], int], is_stopping: Stopping
) -> int:
    """Do something about each of some rows in a transaction of its own; return the sum of what was done.

    One that fails is logged, and the others go on.
    """
    done = 0
    for number in numbers:
        if is_stopping():
            break
        try:
            with session_scope(engine, write=True) as session:
                done += act(session, number)
        except Exception:
            log.exception("job", act=getattr(act, "__name__", ""), row=number)
    return done


def _keep(engine: Engine, jobs: Sequence[Job], stop: threading.Event, first_s: float, every_s: float) -> None:
    wait_s = first_s
    while not stop.wait(wait_s):
        run_due(engine, jobs, stop.is_set)
        wait_s = every_s


def run_due(engine: Engine, jobs: Sequence[Job], is_stopping: Stopping = lambda: False) -> None:
    """Do the jobs that are due and that no other worker has taken. One that fails is logged, and tried again later."""
    for job in jobs:
        try:
            if not is_stopping() and _take(engine, job.name, datetime.now(UTC)):
                _do(engine, job, is_stopping)
        except Exception:
            log.exception("job", job=job.name)


def _take(engine: Engine, name: str, now: datetime) -> bool:
    with session_scope(engine) as session:
        known = session.scalar(select(Due.next_at).where(Due.name == name))
    if known is not None and known > now:
        return False
    kind = sqlite if engine.dialect.name == "sqlite" else postgresql
    with session_scope(engine, write=True) as session:
        session.execute(kind.insert(Due).values(name=name, next_at=now).on_conflict_do_nothing())
        take = update(Due).where(Due.name == name, Due.next_at <= now).values(next_at=now + LEASE)
        taken = session.execute(take)
        return isinstance(taken, CursorResult) and taken.rowcount == 1


def _do(engine: Engine, job: Job, is_stopping: Stopping) -> None:
    begun = datetime.now(UTC)
    again = min(begun + RETRY, job.following(begun))
    try:
        job.act(begun, is_stopping)
        now = datetime.now(UTC)
        again = now if is_stopping() else job.following(now)
    finally:
        with session_scope(engine, write=True) as session:
            session.execute(update(Due).where(Due.name == job.name).values(next_at=again))
