"""Fixes as they come out of the database, in the order in which they happened to arrive."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import shapely

from gisgrid.geometry import from_metric
from gisgrid.patrols.plans.stays import Fixes, fixes_of
from tests.patrols.plans.builders import after_nine

METRIC = "EPSG:4547"
EAST, NORTH = 543_000.0, 2_506_000.0


def arrived_in(rows: Sequence[tuple[int, int, int]], arrived: float = 999) -> Fixes:
    """Return fixes of (patroller, minutes after nine, metres east of the spot at (0, 0)) that arrived in that order.

    They arrived some minutes after nine.
    """
    points = [from_metric(shapely.Point(EAST + x, NORTH), METRIC) for *_, x in rows]
    moments = pd.to_datetime([after_nine(minutes) for _, minutes, _ in rows], utc=True)
    frame = pd.DataFrame(
        {
            "patroller_id": np.array([who for who, *_ in rows], dtype=np.int64),
            "fix_at": moments,
            "received_at": pd.to_datetime([after_nine(arrived)] * len(rows), utc=True),
            "longitude": [point.x for point in points],
            "latitude": [point.y for point in points],
            "accuracy_m": np.full(len(rows), 5.0),
            "proved_checkpoint_id": pd.array([pd.NA] * len(rows), dtype="Int64"),
            **{
                f"{level}_code": np.full(len(rows), None, dtype=object)
                for level in ("street", "community", "substation")
            },
        }
    )
    found = fixes_of(frame, METRIC)
    return found._replace(x=found.x - EAST, y=found.y - NORTH)
