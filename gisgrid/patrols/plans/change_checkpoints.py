"""Making, moving and retiring checkpoints, within the cells that one answers for; and the codes put up there.

What a checkpoint was before is kept: rounds are judged by what stood when they began.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from geoalchemy2.shape import from_shape
from shapely import Point
from sqlalchemy import select
from sqlalchemy.orm import Session

from gisgrid.audit.record import Actor, record
from gisgrid.errors import Conflict, Forbidden, NotFound
from gisgrid.geometry import is_on_earth, to_wgs84
from gisgrid.grid.index import OUTSIDE
from gisgrid.grid.locate import located
from gisgrid.grid.place import not_on_earth
from gisgrid.patrols.plans.checkpoint_schemas import CheckpointChange
from gisgrid.patrols.plans.codes import Lock, Shown, code_on, new_secret
from gisgrid.patrols.plans.find_spots import Version, checkpoint_versions
from gisgrid.patrols.plans.tables import FormerCheckpoint
from gisgrid.patrols.tables import Checkpoint
from gisgrid.sight import sight_of

STANDS: Final = ("longitude", "latitude", "radius_m", "dwell_s", "needs_code", "is_retired")


class NoSuchCheckpoint(NotFound):
    """No checkpoint that stands, in cells that one answers for, has that code."""


class CheckpointThere(Conflict):
    """A checkpoint that stands has that code."""


class NotYourGround(Forbidden):
    """A place that somebody else answers for."""


class NoCodeThere(NotFound):
    """A checkpoint at which no code is asked for."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What a checkpoint is to be: where in WGS 84, how near and how long, and after how many days its code changes."""

    code: str
    name: str
    longitude: float
    latitude: float
    radius_m: float = 50
    dwell_s: float = 0
    code_days: int | None = None


def standing(code: str, sent: CheckpointChange) -> Standing:
    """Return what a checkpoint is to be, as it was sent. Raises NotOnEarth."""
    longitude, latitude = (float(each[0]) for each in to_wgs84([sent.longitude], [sent.latitude], sent.crs))
    if not is_on_earth(longitude, latitude):
        raise not_on_earth()
    return Standing(code, sent.name, longitude, latitude, sent.radius_m, sent.dwell_s, sent.code_days)


def add_checkpoint(session: Session, zone: ZoneInfo, actor: Actor, wish: Standing) -> Checkpoint:
    """Make a checkpoint, or let one that is retired stand again. Raises CheckpointThere, NotYourGround."""
    found = _found(session, wish.code)
    if found is not None and found.retired_at is None:
        raise CheckpointThere("此编码的打卡点已存在", "a checkpoint has that code")
    return _put(session, zone, actor, wish, found, "checkpoint.made")


def change_checkpoint(session: Session, zone: ZoneInfo, actor: Actor, wish: Standing) -> Checkpoint:
    """Change the checkpoint of a code, or move it. Raises NoSuchCheckpoint, NotYourGround."""
    found = _standing(session, zone, wish.code)
    return _put(session, zone, actor, wish, found, "checkpoint.changed")


def bring_checkpoint(session: Session, zone: ZoneInfo, actor: Actor, wish: Standing) -> tuple[Checkpoint, bool]:
    """Let there be a checkpoint as a file has it; return it, and whether anything has changed. Raises NotYourGround."""
    found = _found(session, wish.code)
    if found is not None and found.retired_at is None and _is_as(session, found, wish):
        return found, False
    return _put(session, zone, actor, wish, found, "checkpoint.brought"), True


def retire_checkpoint(session: Session, zone: ZoneInfo, actor: Actor, code: str) -> Checkpoint:
    """Retire a checkpoint: from now on nobody has to visit it. Raises NoSuchCheckpoint."""
    found = _standing(session, zone, code)
    _keep_former(session, found)
    found.retired_at = datetime.now(UTC)
    session.flush()
    record(session, actor, "checkpoint.retired", ("checkpoint", found.id))
    return found


def code_at(session: Session, zone: ZoneInfo, code: str, day: date) -> Shown:
    """Return what is to be put up at a checkpoint on a day. Raises NoSuchCheckpoint, NoCodeThere."""
    lock = lock_of(_standing(session, zone, code, is_locked=False))
    if lock is None:
        raise NoCodeThere("此打卡点不用打卡码", "no code is asked for at this checkpoint")
    return code_on(lock, day)


def lock_of(checkpoint: Checkpoint) -> Lock | None:
    """Return what the codes of a checkpoint follow from; None where none is asked for."""
    if checkpoint.code_days is None or checkpoint.code_secret is None:
        return None
    return Lock(checkpoint.code, checkpoint.code_secret, checkpoint.code_days)


# --- what there is ---------------------------------------------------------------------------------


def _found(session: Session, code: str, *, is_locked: bool = True) -> Checkpoint | None:
    asked = select(Checkpoint).where(Checkpoint.code == code)
    return session.scalar(asked.with_for_update() if is_locked else asked)


def _standing(session: Session, zone: ZoneInfo, code: str, *, is_locked: bool = True) -> Checkpoint:
    """Return a checkpoint that stands where whoever asks answers for. Raises NoSuchCheckpoint."""
    found = _found(session, code, is_locked=is_locked)
    its = None if found is None else _now(session, code)
    if found is None or its is None or its.is_retired or not _is_mine(session, zone, its.longitude, its.latitude):
        raise NoSuchCheckpoint(
            "您负责的网格内没有此编码的打卡点", "no checkpoint in the cells that you answer for has that code"
        )
    return found


def _now(session: Session, code: str) -> Version:
    return checkpoint_versions(session, [code])[code][-1]


def _is_mine(session: Session, zone: ZoneInfo, longitude: float, latitude: float) -> bool:
    return sight_of(session).holds(cells_of(session, zone, longitude, latitude))


def cells_of(session: Session, zone: ZoneInfo, longitude: float, latitude: float) -> list[int | None]:
    """Return the rows of the cells in which a place lies today, by level; None outside."""
    today = datetime.now(UTC).astimezone(zone).date()
    ids = located(session, [longitude], [latitude], [today]).cell_ids[0].tolist()
    return [None if cell == OUTSIDE else cell for cell in ids]


def _is_as(session: Session, found: Checkpoint, wish: Standing) -> bool:
    its = _now(session, wish.code)
    now = (its.name, its.longitude, its.latitude, its.radius_m, its.dwell_s, found.code_days)
    return now == (wish.name, wish.longitude, wish.latitude, wish.radius_m, wish.dwell_s, wish.code_days)


# --- what there is to be ---------------------------------------------------------------------------


def _put(
    session: Session, zone: ZoneInfo, actor: Actor, wish: Standing, found: Checkpoint | None, action: str
) -> Checkpoint:
    """Let a checkpoint be as it is wished for. Raises NotYourGround."""
    places = [(wish.longitude, wish.latitude)]
    if found is not None:
        its = _now(session, wish.code)
        places.append((its.longitude, its.latitude))
    if not all(_is_mine(session, zone, *place) for place in places):
        raise NotYourGround("此位置不在您负责的网格内", "the place lies outside the cells that you answer for")
    if found is not None:
        _keep_former(session, found)
    checkpoint = found or Checkpoint(code=wish.code, is_illustrative=False)
    checkpoint.name, checkpoint.radius_m, checkpoint.dwell_s = wish.name, wish.radius_m, wish.dwell_s
    checkpoint.geometry = from_shape(Point(wish.longitude, wish.latitude), srid=4326)
    checkpoint.retired_at, checkpoint.code_days = None, wish.code_days
    if wish.code_days is None:
        checkpoint.code_secret = None
    elif checkpoint.code_secret is None:
        checkpoint.code_secret = new_secret()
    session.add(checkpoint)
    session.flush()
    record(session, actor, action, ("checkpoint", checkpoint.id))
    return checkpoint


def _keep_former(session: Session, checkpoint: Checkpoint) -> None:
    its = _now(session, checkpoint.code)
    stood = {name: getattr(its, name) for name in STANDS}
    session.add(FormerCheckpoint(checkpoint_id=checkpoint.id, until=datetime.now(UTC), **stood))
    session.flush()
