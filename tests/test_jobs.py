"""Work at its times: done once, whoever does it, and tried again."""

import threading
import time
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session
from structlog.testing import capture_logs

from gisgrid import app
from gisgrid.audit.heads import read_heads
from gisgrid.database import make_engine, session_scope
from gisgrid.jobs import (
    EVERY_S,
    LEASE,
    RETRY,
    STOP_S,
    Due,
    Job,
    daily,
    each_minute,
    hourly,
    keeping,
    looking,
    one_by_one,
    run_due,
)
from gisgrid.patrols.tables import Fix
from tests.coverage.worlds import stay
from tests.privacy.worlds import ground, rows, sealed


@pytest.fixture
def done():
    return []


@pytest.fixture
def job(done):
    return Job("sweep", lambda now, _: done.append(now), hourly)


def due_at(engine):
    with session_scope(engine) as session:
        return session.scalars(select(Due.next_at)).one()


def make_due(engine, ago=timedelta(seconds=1)):
    with session_scope(engine, write=True) as session:
        session.execute(update(Due).values(next_at=datetime.now(UTC) - ago))


def is_in(moment, wait):
    return abs(moment - datetime.now(UTC) - wait) < timedelta(minutes=1)


def test_a_job_is_done_when_it_is_due_and_not_before(engine, job, done):
    for times in (1, 1):
        run_due(engine, [job])
        assert len(done) == times
    assert is_in(due_at(engine), timedelta(hours=1))
    make_due(engine)
    run_due(engine, [job])
    assert len(done) == 2


def test_what_is_done_each_minute_is_due_at_every_look():
    now = datetime.now(UTC)
    assert timedelta(seconds=EVERY_S / 2) < each_minute(now) - now < timedelta(seconds=EVERY_S)


def test_of_many_workers_one_does_it(engine, done):
    barrier = threading.Barrier(4)
    job = Job("sweep", lambda now, _: done.append(now) or time.sleep(0.2), hourly)

    def work():
        barrier.wait()
        run_due(engine, [job])

    for times in (1, 2):  # the first makes the row
        workers = [threading.Thread(target=work) for _ in range(4)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        assert len(done) == times
        make_due(engine)


def test_a_job_that_fails_is_logged_tried_again_and_spoils_no_other(engine, job, done):
    def fail(_, __):
        raise ValueError("P1 114.54321")

    failing = Job("broken", fail, hourly)
    with capture_logs() as logs:
        run_due(engine, [failing, job])
    assert [(entry["event"], entry["job"]) for entry in logs] == [("job", "broken")]
    assert len(done) == 1
    with session_scope(engine) as session:
        assert is_in(session.get(Due, "broken").next_at, RETRY)


def test_a_worker_that_dies_at_it_leaves_it_to_another(engine, job, done):
    def die(*_):
        raise SystemExit

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("gisgrid.jobs._do", die)
        with pytest.raises(SystemExit):
            run_due(engine, [job])
    run_due(engine, [job])
    assert done == []
    assert is_in(due_at(engine), LEASE)
    make_due(engine)
    run_due(engine, [job])
    assert len(done) == 1


def test_a_database_that_is_gone_stops_nothing(engine, job, done, monkeypatch):
    def gone(*_, **__):
        raise OSError

    with monkeypatch.context() as patch, capture_logs() as logs:
        patch.setattr("gisgrid.jobs.session_scope", gone)
        run_due(engine, [job, job])
    assert [entry["job"] for entry in logs] == ["sweep", "sweep"]
    run_due(engine, [job])
    assert len(done) == 1


def test_what_was_stopped_is_due_at_once(engine, done):
    stop = threading.Event()

    def act(now, is_stopping):
        done.append(now)
        stop.set()
        assert is_stopping()

    run_due(engine, [Job("sweep", act, hourly), Job("next", act, hourly)], stop.is_set)
    assert len(done) == 1
    assert due_at(engine) <= datetime.now(UTC)


@pytest.mark.parametrize("database_url", ["spatialite"], indirect=True)
def test_the_service_does_them_from_time_to_time_and_ends_at_once(engine, done):
    job = Job("sweep", lambda now, _: done.append(now), lambda now: now)
    with keeping(engine, [job], first_s=0.01, every_s=0.01) as thread:
        deadline = time.monotonic() + 20
        while len(done) < 3 and time.monotonic() < deadline:
            time.sleep(0.01)
    assert len(done) >= 3
    assert not thread.is_alive()


@pytest.mark.parametrize("database_url", ["spatialite"], indirect=True)
def test_nothing_is_done_in_the_first_moments_and_a_deep_job_does_not_keep_the_service(engine, job, done):
    begun = time.monotonic()
    with keeping(engine, [job]):
        pass
    assert time.monotonic() - begun < STOP_S
    release, inside = threading.Event(), threading.Event()
    deep = Job("deep", lambda _, __: inside.set() or release.wait(20), hourly)
    with keeping(engine, [deep], first_s=0) as thread:
        assert inside.wait(10)
        begun = time.monotonic()
    assert time.monotonic() - begun < 1
    release.set()
    thread.join(10)
    assert done == []


def test_an_hour_and_a_local_day():
    moment = datetime(2026, 11, 20, 15, 59, tzinfo=UTC)
    assert hourly(moment) == datetime(2026, 11, 20, 16, 59, tzinfo=UTC)
    following = daily(ZoneInfo("Asia/Shanghai"))
    assert following(moment) == datetime(2026, 11, 20, 16, 5, tzinfo=UTC)
    assert following(datetime(2026, 11, 20, 16, 5, tzinfo=UTC)) == datetime(2026, 11, 21, 16, 5, tzinfo=UTC)


def test_the_service_purges_and_keeps_the_head_of_the_audit(engine, settings, database_url):
    ground(engine)
    with session_scope(engine, write=True) as session:
        stay(session, (0, 500, 500), start=datetime.now(UTC) - timedelta(days=99))
    service = make_engine(database_url)
    run_due(service, app._jobs(service, settings))
    service.dispose()
    assert (len(sealed(engine)), rows(engine, Fix)) == (1, 0)
    assert [head.day for head in read_heads(settings.home / "data" / "audit" / "heads.csv")] == [
        datetime.now(settings.zone).date()
    ]
    with session_scope(engine) as session:
        names = session.scalars(select(Due.name).order_by(Due.name)).all()
    hourly = ["days", "gaps of late", "raw days", "retention"]
    assert names == sorted([*hourly, "audit head", "gaps", "gaps going up", "incidents", "notices", "orders"])


@pytest.mark.parametrize("database_url", ["spatialite"], indirect=True)
def test_the_app_starts_them_and_ends_them(client):
    assert "jobs" in {thread.name for thread in threading.enumerate()}
    client.__exit__(None, None, None)
    assert "jobs" not in {thread.name for thread in threading.enumerate()}


def test_what_cannot_wait_is_looked_at_again_and_again_whatever_goes_wrong():
    looks = []
    enough = threading.Event()

    def look(now, is_stopping):
        looks.append(is_stopping())
        if len(looks) == 3:
            enough.set()
        raise ValueError("the database is away")

    with capture_logs() as logs, looking("alerts", look, every_s=0.001) as thread:
        assert enough.wait(20)
    assert not thread.is_alive()
    assert (looks[0], logs[0]["event"], logs[0]["job"]) == (False, "look", "alerts")


def test_of_many_rows_one_that_fails_holds_nothing_up(engine: Engine) -> None:
    def act(session: Session, number: int) -> int:
        session.add(Due(name=f"row {number}", next_at=datetime.now(UTC)))
        session.flush()
        if number == 2:
            raise ValueError("this one")
        return 1

    assert one_by_one(engine, [1, 2, 3], act, lambda: False) == 2
    assert one_by_one(engine, [4], act, lambda: True) == 0
    with session_scope(engine) as session:
        assert session.scalars(select(Due.name).order_by(Due.name)).all() == ["row 1", "row 3"]
