"""The workers: processes of this machine, or a running Dask cluster. All carry the same act; whoever is free works.

A piece whose worker is lost goes to another worker, so an act must do no harm when done twice.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any
from uuid import uuid4

import cryptography  # noqa: F401 - distributed asks for it late, and in its own words
import dask
from distributed import Client, Future, LocalCluster, Worker, WorkerPlugin, as_completed, get_worker
from distributed.scheduler import KilledWorker

from gisgrid.batch.pieces import Piece, Result
from gisgrid.errors import Unavailable

CONNECT_S = 10
NO_PAGES: dict[str, list[str]] = {"distributed.scheduler.http.routes": [], "distributed.worker.http.routes": []}


class NoScheduler(Unavailable):
    """No Dask scheduler answers at that address."""


class CrewLost(Unavailable):
    """One worker after the other was lost over the same piece."""


@contextmanager
def hired(scheduler: str | None = None, workers: int | None = None) -> Iterator[Client]:
    """Yield a client of the cluster at an address, or of so many processes here (as many as processors), then closed.

    Processes here talk over loopback with certificates made for this one time. Raises NoScheduler.
    """
    with ExitStack() as stack:
        if scheduler is None:
            yield stack.enter_context(_own(workers, stack))
            return
        try:
            client = stack.enter_context(Client(scheduler, timeout=CONNECT_S))
        except (OSError, ValueError) as error:
            raise NoScheduler(
                f"连不上 Dask 调度器 {scheduler};地址形如 tcp://主机:8786",
                f"no Dask scheduler answers at {scheduler}; an address looks like tcp://host:8786",
            ) from error
        yield client


def _own(workers: int | None, stack: ExitStack) -> Client:
    try:
        return Client(stack.enter_context(_processes(workers)))
    except RuntimeError as error:
        raise CrewLost(
            "有工作进程没能启动(可能内存不足或被中止),请重新运行;什么也没有写出",
            "a worker did not start (short of memory, or killed?): run it again; nothing was written",
        ) from error


def _processes(workers: int | None) -> LocalCluster:
    with dask.config.set(NO_PAGES):
        return LocalCluster(
            n_workers=workers,
            threads_per_worker=1,
            host="127.0.0.1",
            security=True,  # without, any account of this machine could have its code run by the workers
            dashboard_address=None,
            silence_logs=logging.CRITICAL,  # what matters is raised
            scheduler_kwargs={"dashboard": False, "dashboard_address": "127.0.0.1:0"},
        )


class _Carried(WorkerPlugin):
    """The act, sent once to each worker, also to those that come later."""

    def __init__(self, name: str, act: Callable[[Piece], Any]) -> None:
        self.name = name
        self.act = act

    def setup(self, worker: Worker) -> None:
        """Nothing to prepare: being there is enough."""


def _do(name: str, piece: Piece) -> Any:
    carried: Any = get_worker().plugins[name]
    return carried.act(piece)


def each(client: Client, act: Callable[[Piece], Result], pieces: Sequence[Piece]) -> Iterator[tuple[Piece, Result]]:
    """Yield each piece with what the act made of it, as they are done. Raises CrewLost, and what the act raises."""
    name = f"gisgrid-{uuid4().hex}"
    client.register_plugin(_Carried(name, act))
    begun: dict[Future[Any], Piece] = {}
    try:
        begun |= {client.submit(_do, name, piece, key=f"{name}-{piece.name}"): piece for piece in pieces}
        for future, result in as_completed(begun, loop=client.loop, with_results=True):
            yield begun.pop(future), result  # let go, or it would be done again when its worker is lost later
    except KilledWorker as error:
        raise CrewLost(
            "多个工作进程先后在同一份数据上中断(可能内存不足),结果未写出",
            "several workers were lost over the same piece (short of memory?); nothing was written",
        ) from error
    finally:
        client.cancel(list(begun))
        client.unregister_worker_plugin(name)
