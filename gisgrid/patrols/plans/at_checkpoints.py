"""Check-ins at checkpoints, judged at once: which checkpoint each is about, whether it counts there, and why not."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

import numpy as np
import pandas as pd
from sqlalchemy import select
from sqlalchemy.orm import Session

from gisgrid.geometry import Floats, points_to_metric
from gisgrid.intake.finding import located_frame
from gisgrid.parameters import Period
from gisgrid.patrols.plans.codes import Lock, opens
from gisgrid.patrols.plans.find_spots import standing_checkpoints
from gisgrid.patrols.plans.near_fixes import COLUMNS, FIX, counted_in
from gisgrid.patrols.plans.spots import Spot
from gisgrid.patrols.plans.stays import fixes_of, stays_at, us
from gisgrid.patrols.plans.verdict import Shown, Verdict, judge
from gisgrid.patrols.tables import Checkpoint
from gisgrid.settings import Settings
from gisgrid.sight import seeing_everything

CELLS: Final = ("street_code", "community_code", "substation_code")


@dataclass(frozen=True, slots=True)
class Here:
    """A check-in: whose (the row of a patroller), when by the phone and on the server, where in WGS 84.

    `checkpoint` is the code of the checkpoint that is meant, None for the nearest; `shown` the code that was typed or
    scanned there, if any.
    """

    patroller_id: int
    fix_at: datetime
    received_at: datetime
    longitude: float
    latitude: float
    accuracy_m: float | None = None
    checkpoint: str | None = None
    shown: str | None = None

    @property
    def measured_at(self) -> datetime:
        """By the phone's clock, unless that runs ahead."""
        return min(self.fix_at, self.received_at)


class AtCheckpoint(NamedTuple):
    """The checkpoint that a check-in is about, and the verdict. `proved` is its row where its code was shown."""

    checkpoint: str
    name: str
    verdict: Verdict
    proved: int | None


def checkpoint_verdict(session: Session, settings: Settings, sent: Here) -> AtCheckpoint | None:
    """Judge one check-in, see `checkpoint_verdicts`."""
    return checkpoint_verdicts(session, settings, [sent])[0]


def checkpoint_verdicts(session: Session, settings: Settings, sent: Sequence[Here]) -> list[AtCheckpoint | None]:
    """Judge check-ins, in order; None is one that is about no checkpoint, since none is near and none is named.

    Before they are stored or after: `proved` belongs into `fixes.proved_checkpoint_id`.
    """
    if not sent:
        return []
    with seeing_everything(session):  # what a phone may see is nothing; it is told of its own check-ins alone
        today = datetime.now(UTC).astimezone(settings.zone).date()
        spots = standing_checkpoints(session, today, settings.metric_crs)
        about = _about(spots, sent, settings)
        locks = _locks(session, [spot for spot, _ in about.values() if spot.needs_code])
        stayed = _stayed(session, settings, sent, about)
    return [_judged(settings, each, about.get(n), locks, stayed.get(n, 0.0)) for n, each in enumerate(sent)]


About = dict[int, tuple[Spot, float]]
"""Of check-ins by their place in the list: the checkpoint that each is about, and how far away it is in metres."""


def _about(spots: Sequence[Spot], sent: Sequence[Here], settings: Settings) -> About:
    if not spots:
        return {}
    away = _away(spots, sent, settings.metric_crs)
    nearest = np.argmin(away - np.array([spot.radius_m for spot in spots], dtype=np.float64), axis=1)
    numbers = {spot.place.code: number for number, spot in enumerate(spots)}
    found: About = {}
    for n, each in enumerate(sent):
        meant = nearest[n] if each.checkpoint is None else numbers.get(each.checkpoint)
        if meant is not None and (each.checkpoint is not None or away[n, meant] <= settings.checkpoint_near_m):
            found[n] = spots[meant], float(away[n, meant])
    return found


def _away(spots: Sequence[Spot], sent: Sequence[Here], metric_crs: str) -> Floats:
    """Return the distances of check-ins (rows) from checkpoints (columns) in metres."""
    x, y = points_to_metric([each.longitude for each in sent], [each.latitude for each in sent], metric_crs)
    across = x[:, None] - np.array([spot.x for spot in spots])
    along = y[:, None] - np.array([spot.y for spot in spots])
    return np.asarray(np.hypot(across, along))


def _locks(session: Session, spots: Sequence[Spot]) -> dict[int, Lock]:
    asked = select(Checkpoint.id, Checkpoint.code, Checkpoint.code_secret, Checkpoint.code_days)
    rows = session.execute(asked.where(Checkpoint.id.in_({spot.row for spot in spots}))).all() if spots else []
    return {number: Lock(code, secret, days) for number, code, secret, days in rows if secret and days}


def _judged(
    settings: Settings, sent: Here, about: tuple[Spot, float] | None, locks: dict[int, Lock], stayed_s: float
) -> AtCheckpoint | None:
    if about is None:
        return None
    spot, away = about
    has_code: bool | None = None
    if spot.row in locks and sent.shown is not None:
        has_code = opens(locks[spot.row], sent.shown, sent.measured_at.astimezone(settings.zone).date())
    verdict = judge(spot, Shown(away, sent.accuracy_m, has_code, stayed_s))
    return AtCheckpoint(spot.place.code, spot.name, verdict, spot.row if has_code else None)


def _stayed(session: Session, settings: Settings, sent: Sequence[Here], about: About) -> dict[int, float]:
    """Return for how many seconds whoever checked in had been there, where that is asked for."""
    long = {n: spot for n, (spot, _) in about.items() if spot.dwell_s}
    if not long:
        return {}
    moments = [sent[n].measured_at for n in long]
    back = timedelta(seconds=max(spot.dwell_s for spot in long.values()) + settings.visit_gap_s)
    whose = FIX.c.patroller_id.in_({sent[n].patroller_id for n in long})
    span = Period(min(moments) - back, max(moments))
    before = located_frame(session, FIX, COLUMNS, "fix_at", [*counted_in(session, span), whose])
    fixes = fixes_of(pd.concat([before, _frame(sent)], ignore_index=True), settings.metric_crs)
    stays = {spot: stays_at(spot, fixes, settings.visit_gap_s) for spot in set(long.values())}
    found = {}
    for n, spot in long.items():
        moment = us(sent[n].measured_at)
        its = [stay for stay in stays[spot] if stay.patroller == sent[n].patroller_id and moment in stay.moments]
        found[n] = max((float(moment - stay.moments[0]) / 1e6 for stay in its), default=0.0)
    return found


def _frame(sent: Sequence[Here]) -> pd.DataFrame:
    times = {
        name: pd.to_datetime([getattr(each, name) for each in sent], utc=True) for name in ("fix_at", "received_at")
    }
    places = {name: [getattr(each, name) for each in sent] for name in ("patroller_id", "longitude", "latitude")}
    accuracy = [np.nan if each.accuracy_m is None else each.accuracy_m for each in sent]
    proved = pd.array([pd.NA] * len(sent), dtype="Int64")
    return pd.DataFrame(
        {**times, **places, "accuracy_m": accuracy, "proved_checkpoint_id": proved, **dict.fromkeys(CELLS, None)}
    ).assign(id=-1)
