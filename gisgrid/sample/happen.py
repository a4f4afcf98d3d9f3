"""What happens on a day: incidents of the kinds the grid of 2007 counted, where people live and walk. All invented."""

from datetime import UTC, date, datetime, time
from functools import cache
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gisgrid.geometry import Floats

Columns = dict[str, NDArray[Any]]

BY_HOUR: Final = np.array([1, 1, 0.5, 0.5, 0.5, 1, 3, 6, 9, 10, 9, 7, 5, 5, 8, 9, 8, 7, 7, 8, 8, 6, 4, 2])
"""How often something is reported, by the hour of the day, relative to the other hours."""
OFF_THE_WAY_M: Final = 25


@cache
def occurrences() -> pd.DataFrame:
    """What may happen: kind, weight, place ("way" | "shore"), description."""
    return pd.read_csv(Path(__file__).with_name("occurrences.csv"))


def spots(lines: NDArray[np.object_]) -> Floats:
    """Return points (n, 2) every 40 m or so along lines, in metres."""
    return np.asarray(shapely.get_coordinates(shapely.segmentize(lines, 40)))


def happen(
    day: date, expected: float, places: dict[str, Floats], zone: ZoneInfo, chance: np.random.Generator
) -> tuple[Columns, Floats]:
    """Return a day's incidents (client_id, kind, description, reported_at, received_at) and where (n, 2), in metres.

    Their number is random, `expected` on average. `places` gives the points (n, 2) of each place ("way", "shore");
    what happens where there are none is left out.
    """
    table = occurrences()
    table = table[table["place"].map(lambda place: len(places[place]) > 0)]
    count = int(chance.poisson(expected))
    chosen = table.iloc[_weighted(table["weight"].to_numpy(float), count, chance)]
    spot = [places[place] for place in chosen["place"]]
    where = [points[int(share * len(points))] for points, share in zip(spot, chance.random(count), strict=True)]
    seconds = np.floor(np.sort(_weighted(BY_HOUR, count, chance) + chance.random(count)) * 3600)
    columns: Columns = {
        "client_id": np.array([f"sim-{day:%Y%m%d}-{number:03}" for number in range(1, count + 1)], dtype=object),
        "kind": chosen["kind"].to_numpy(object),
        "description": chosen["description"].to_numpy(object),
        "reported_at": instants(day, seconds, zone),
        "received_at": instants(day, seconds + 5, zone),
    }
    return columns, np.array(where).reshape(-1, 2) + chance.normal(0, OFF_THE_WAY_M, (count, 2))


def instants(day: date, seconds: Floats, zone: ZoneInfo) -> NDArray[np.datetime64]:
    """Return the moments so many whole seconds after the local midnight of a day, in UTC (datetime64[us])."""
    midnight = datetime.combine(day, time(), zone).astimezone(UTC).replace(tzinfo=None)
    return np.datetime64(midnight, "us") + seconds.astype("timedelta64[s]")


def _weighted(weights: Floats, count: int, chance: np.random.Generator) -> NDArray[np.intp]:
    sums = np.cumsum(weights)
    return np.asarray(np.searchsorted(sums, chance.random(count) * sums[-1], side="right"))
