"""What the benchmark knows of a way to join points to cells: five functions, the same for all."""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any

import geopandas
import numpy as np
from numpy.typing import NDArray

from tests.benchmarks.world import Floats

Answer = NDArray[np.integer]
One = Callable[[float, float], object]


class NotAvailable(Exception):
    """Something this way needs is not on this machine."""


def unchanged(_built: Any, _points: Any, joined: Any) -> Answer:
    """Return what was joined: it is the answer already."""
    return np.asarray(joined)


@dataclass(frozen=True)
class Way:
    """`answer` gives the position of each point's substation among the substations, −1 outside: (n,), or (n, 3) for
    street, community, substation, each within its level.
    """

    load: Callable[[Floats, Floats], Any]  # points in the form that this way likes best; not timed
    build: Callable[[geopandas.GeoDataFrame], Any]  # whatever can be made of the cells beforehand; timed
    join: Callable[[Any, Any], Any]  # built, points → joined; timed
    answer: Callable[[Any, Any, Any], Answer] = unchanged  # built, points, joined → answer; not timed
    one: Callable[[Any], One] | None = None  # built → a function that looks up a single point
    cpu_s: Callable[[], float] = field(default=time.process_time)
    in_process: bool = True  # whether this process' memory tells what it takes


Opened = AbstractContextManager[Way]


def lowest(points: NDArray[np.integer], rows: NDArray[np.integer], count: int) -> NDArray[np.int16]:
    """Return the lowest row found for each of `count` points, −1 where none was: joins answer in pairs."""
    none = np.iinfo(np.int16).max
    found = np.full(count, none, dtype=np.int16)
    np.minimum.at(found, points, rows.astype(np.int16))
    found[found == none] = -1
    return found
