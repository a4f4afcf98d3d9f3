"""One service on a file, several workers on a server: who is refused, who is started again, who ends with whom."""

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from sqlalchemy import create_engine

from gisgrid.database import make_engine
from gisgrid.serve import serve
from gisgrid.settings import Settings
from gisgrid.workers import AnotherService, OneWorker, only_service, require_workers
from tests.laid import lay
from tests.postgis import free_port
from tests.service import Service, gisgrid, process, running

SPATIALITE = pytest.mark.parametrize("database_url", ["spatialite"], indirect=True)
POSTGIS = pytest.mark.parametrize("database_url", ["postgis"], indirect=True)


def workers_of(service: Service) -> list[int]:
    """Return the processes of a service but the first, the oldest first."""
    pid = service.process.pid
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def soon(is_so: Callable[[], bool]) -> None:
    for _ in range(200):
        if is_so():
            return
        time.sleep(0.05)
    raise AssertionError


def is_gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def answers(url: str) -> bool:
    try:
        urlopen(url, timeout=5).close()
    except HTTPError:  # there is no authority to install
        return True
    except OSError:
        return False
    return True


def test_an_embedded_database_has_one_worker(tmp_path: Path) -> None:
    with pytest.raises(OneWorker, match="GISGRID_WORKERS=2"):
        serve(Settings(home=tmp_path, workers=2))
    require_workers(Settings(home=tmp_path))
    require_workers(Settings(database_url="postgresql+psycopg://x@y/z", workers=2))


def test_a_file_has_one_service_however_it_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.sqlite").touch()
    (tmp_path / "b.sqlite").symlink_to("a.sqlite")
    first, again, other = (create_engine(f"sqlite:///{tmp_path}/{name}.sqlite") for name in "abc")
    with only_service(first), only_service(other):
        for each in (first, again):
            with pytest.raises(AnotherService, match="gisgrid serve"), only_service(each):
                pass
    with only_service(again):
        pass
    assert (tmp_path / "a.sqlite-service").stat().st_mode & 0o777 == 0o600


def test_a_server_has_as_many_services_as_come() -> None:
    engine = create_engine("postgresql+psycopg://x@y/z")
    with only_service(engine), only_service(engine):
        pass


@SPATIALITE
def test_a_second_service_is_told_of_the_first_while_commands_go_on(database_url: str, tmp_path: Path) -> None:
    engine = make_engine(database_url)
    lay(engine)
    engine.dispose()
    check_ins = tmp_path / "x.csv"
    check_ins.write_text("patroller,fix_at,longitude,latitude\nP1,2026-11-01T08:00:00+08:00,114.5,22.6\n")
    with running(tmp_path, GISGRID_DATABASE_URL=database_url) as service:
        second = process("serve", home=tmp_path, GISGRID_DATABASE_URL=database_url, GISGRID_PORT=str(free_port()))
        assert (second.returncode, "AnotherService" in second.stderr) == (1, True)
        done = gisgrid("check-ins", "import", str(check_ins), home=tmp_path, GISGRID_DATABASE_URL=database_url)
        assert done.returncode == 0, done.stderr
        os.killpg(service.process.pid, signal.SIGKILL)
        service.process.wait(20)
    with only_service(engine):
        pass


@POSTGIS
def test_workers_share_a_door_and_one_that_dies_is_started_again(database_url: str, tmp_path: Path) -> None:
    install = free_port()
    how = {"GISGRID_WORKERS": "2", "GISGRID_INSTALL_PORT": str(install)}
    with running(tmp_path, GISGRID_DATABASE_URL=database_url, **how) as service:
        told = service.log.read_text()
        assert (told.count("/enter#gg_link_"), told.count("serving at")) == (1, 1)
        former = workers_of(service)
        assert len(former) == 2
        assert answers(f"http://127.0.0.1:{install}/install")
        for pid in former:
            os.kill(pid, signal.SIGKILL)
        soon(lambda: len(set(workers_of(service)) - set(former)) == 2)
        soon(lambda: answers(f"{service.url}/readyz"))
        soon(lambda: answers(f"http://127.0.0.1:{install}/install"))
        assert service.log.read_text().count('"status": -9') == 2
        following = workers_of(service)
    assert service.process.wait(20) in (0, -signal.SIGTERM)
    assert all(is_gone(pid) for pid in following)
    assert not answers(f"{service.url}/healthz")


@POSTGIS
def test_workers_end_with_whoever_would_start_them_again(database_url: str, tmp_path: Path) -> None:
    with running(tmp_path, GISGRID_DATABASE_URL=database_url, GISGRID_WORKERS="3") as service:
        pids = workers_of(service)
        os.kill(service.process.pid, signal.SIGKILL)
        service.process.wait(20)
        soon(lambda: all(is_gone(pid) for pid in pids))
        assert not answers(f"{service.url}/healthz")
