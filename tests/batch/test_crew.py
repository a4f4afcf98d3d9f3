import os
import signal
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import psutil
import pyarrow as pa
import pytest
from distributed import Client

from gisgrid.batch import join as joining
from gisgrid.batch import pieces
from gisgrid.batch.crew import CrewLost, NoScheduler, each, hired
from gisgrid.batch.join import join_folder
from gisgrid.batch.pieces import Piece
from gisgrid.errors import Refused
from tests.batch.builders import ground, lay, one_by_one, tree


@pytest.fixture(autouse=True)
def _small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pieces, "PIECE", 1)


@dataclass(frozen=True)
class DiesWriting:
    """The act, whose worker is killed with a file half done: the first time that it comes to one of the pieces."""

    act: Callable[[Piece], Any]
    died: Path

    def __call__(self, piece: Piece) -> Any:
        if piece.name == "000001-000003" and not self.died.exists():
            joining.pq = self  # type: ignore[assignment]
        return self.act(piece)

    def write_table(self, table: pa.Table, part: Path, **options: Any) -> None:
        self.died.touch()
        part.write_bytes(b"PAR1 half of a file")
        os.kill(os.getpid(), signal.SIGKILL)


class KillsOne:
    """Kills a worker when a third is done."""

    def __init__(self, worker: int) -> None:
        self.left = [worker]

    def __call__(self, done: int, expected: int) -> None:
        if done * 3 > expected and self.left:
            os.kill(self.left.pop(), signal.SIGKILL)


def test_the_rows_and_their_order_are_those_of_one_process_whoever_dies(crew: Client, tmp_path: Path) -> None:
    source, act = lay(tmp_path / "in"), ground()
    join_folder(one_by_one, source, tmp_path / "alone", act)
    join_folder(partial(each, crew), source, tmp_path / "two", act)
    victim = next(iter(crew.run(os.getpid).values()))
    join_folder(partial(each, crew), source, tmp_path / "killed", act, KillsOne(victim))
    assert not psutil.pid_exists(victim)
    dying = lambda act, todo: each(crew, DiesWriting(act, tmp_path / "died"), todo)  # noqa: E731
    join_folder(dying, source, tmp_path / "torn", act)
    assert (tmp_path / "died").exists()
    alone = tree(tmp_path / "alone")
    assert len(alone) > 300
    for name in ("two", "killed", "torn"):
        assert tree(tmp_path / name) == alone


def test_given_up_it_leaves_nothing_though_workers_are_still_at_it(crew: Client, tmp_path: Path) -> None:
    source = lay(tmp_path / "in")

    def stop(done: int, expected: int) -> None:
        raise KeyboardInterrupt

    for _ in range(3):
        with pytest.raises(KeyboardInterrupt):
            join_folder(partial(each, crew), source, tmp_path / "out", ground(), stop)
    assert list(each(crew, _rest, [Piece("0", Path(), (0,), 1)])) != []
    assert [path.name for path in tmp_path.iterdir()] == ["in"]


def _rest(piece: Piece) -> None:
    """Done after what the worker was doing."""


def _die(piece: Piece) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _refuse(piece: Piece) -> None:
    raise Refused(f"不收 {piece.name}", f"{piece.name} is refused")


def test_a_piece_that_kills_every_worker_is_given_up(crew: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crew.cluster.scheduler, "allowed_failures", 0)
    with pytest.raises(CrewLost):
        list(each(crew, _die, [Piece("0", Path(), (0,), 1)]))


def test_an_error_comes_back_as_it_was_raised_and_nothing_stays_behind(crew: Client) -> None:
    with pytest.raises(Refused) as caught:
        list(each(crew, _refuse, [Piece("7", Path(), (0,), 1)]))
    assert (caught.value.zh, caught.value.en) == ("不收 7", "7 is refused")
    crew.wait_for_workers(1, timeout=120)  # one that was killed before may not be back yet
    carried = crew.run(lambda dask_worker: [name for name in dask_worker.plugins if name.startswith("gisgrid")])
    assert carried
    assert not any(carried.values())


def test_the_processes_are_heard_on_loopback_only_and_closed_at_the_end() -> None:
    this = psutil.Process()
    before = {child.pid for child in this.children(recursive=True)}
    with hired(workers=1) as client:
        assert client.scheduler.address.startswith("tls://127.0.0.1:")
        started = [child for child in this.children(recursive=True) if child.pid not in before]
        heard = {
            connection.laddr.ip
            for process in [this, *started]
            for connection in process.net_connections()
            if connection.status == psutil.CONN_LISTEN
        }
        assert heard == {"127.0.0.1"}
        assert client.run(lambda: 1) != {}
    assert [child for child in started if child.is_running() and child.name().startswith("python")] == []


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:1", "nonsense:"])
def test_a_scheduler_that_does_not_answer(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gisgrid.batch.crew.CONNECT_S", 1)
    with pytest.raises(NoScheduler), hired(address):
        pass
