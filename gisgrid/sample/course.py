"""What became of the incidents of a simulation: drawn from their ids, so that the same simulation has the same course.

Nothing here is measured: the shares are there so that every state, and every light of a limit, can be seen.
"""

from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Final

import numpy as np
import pandas as pd

from gisgrid.incidents.clock import Clock
from gisgrid.incidents.kinds.edition import Condition
from gisgrid.incidents.kinds.stored import starter
from gisgrid.incidents.records.schemas import RecordCreate
from gisgrid.intake.arrivals import plain

ON_THE_SPOT: Final = 0.2
LATE: Final = 0.12
"""The share whose handling takes longer than its limit."""
A_DAY: Final[dict[Clock, timedelta]] = {"normal": timedelta(hours=8), "urgent": timedelta(days=1)}
AT_LAST: Final = "urban_management"
"""The department that takes what is no other's."""
LONGEST: Final = timedelta(days=12)


def records(incidents: pd.DataFrame, now: datetime) -> list[RecordCreate]:
    """Return the incidents of a simulation as records of what was done about them up to a moment.

    `incidents` has the columns kind, reported_at, longitude, latitude, description and client_id. Those that are for
    named handlers, or complaints, stay as they were reported.
    """
    names = ("kind", "reported_at", "longitude", "latitude", "description", "client_id")
    columns = [plain(incidents[name]) for name in names]
    return [_record(dict(zip(names, values, strict=True)), now) for values in zip(*columns, strict=True)]


def _record(told: dict[str, Any], now: datetime) -> RecordCreate:
    kind = starter().require(told["kind"])
    is_kept = kind.is_confidential or kind.is_complaint
    times = {} if is_kept else _times(told["reported_at"], told["client_id"], kind.conditions[0])
    past = {name: at for name, at in times.items() if at <= now}
    moments = {name: at.isoformat() for name, at in {"reported_at": told["reported_at"], **past}.items()}
    department = kind.default_department or AT_LAST
    return RecordCreate.model_validate({**told, **moments, "source": "patrol", "department": department})


def _times(reported: datetime, name: str, condition: Condition) -> dict[str, datetime]:
    chance = np.random.default_rng(int.from_bytes(sha256(name.encode()).digest()[:8]))
    on_the_spot, late, filing, sending, work, checking = chance.random(6).tolist()
    if on_the_spot < ON_THE_SPOT:
        return {"settled_at": _second(reported + timedelta(minutes=5 + 50 * filing))}
    filed = reported + timedelta(minutes=5 + 30 * filing)
    dispatched = filed + timedelta(minutes=5 + 30 * sending)
    share = 1.1 + work if late < LATE else 0.1 + 0.8 * work
    handled = dispatched + min(_wall_time(condition) * share, LONGEST)
    times = {"filed_at": filed, "dispatched_at": dispatched, "handled_at": handled}
    times["closed_at"] = handled + timedelta(hours=1 + 20 * checking)
    return {each: _second(at) for each, at in times.items()}


def _wall_time(condition: Condition) -> timedelta:
    """Return about how long a limit lasts on the clock on the wall."""
    days = timedelta(seconds=condition.limit_s) / A_DAY[condition.clock]
    return timedelta(days=days)


def _second(moment: datetime) -> datetime:
    return moment.replace(microsecond=0)
