"""Checkpoints from files: new ones are added, known ones take what the file says, none is retired."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import Field
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from gisgrid.audit.record import OPERATOR
from gisgrid.errors import GisgridError
from gisgrid.intake.arrivals import Outcome
from gisgrid.intake.imports import Fault, Plan, Progress, Wishes, import_file
from gisgrid.patrols.plans.change_checkpoints import bring_checkpoint, cells_of, standing
from gisgrid.patrols.plans.checkpoint_schemas import CheckpointCreate
from gisgrid.settings import Settings


class CheckpointRow(CheckpointCreate):
    """A checkpoint of a file, in which a whole number may be written as 7 or as 7.0."""

    code_days: Annotated[int, Field(ge=1, le=366)] | None = None


PLAN = Plan(
    model=CheckpointRow,
    columns={
        "longitude": ("longitude", "lon", "lng", "long", "x", "经度"),
        "latitude": ("latitude", "lat", "y", "纬度"),
        "code": ("code", "id", "ref", "编码", "打卡点编码", "编号"),
        "name": ("name", "title", "名称", "打卡点", "打卡点名称"),
        "radius_m": ("radius_m", "radius", "半径"),
        "dwell_s": ("dwell_s", "dwell", "停留秒数", "最短停留"),
        "code_days": ("code_days", "打卡码天数"),
        "crs": ("crs", "坐标系"),
    },
    moment="",
    required=("longitude", "latitude", "code", "name"),
    for_all="",
    numbers=("longitude", "latitude", "radius_m", "dwell_s", "code_days"),
)


def import_checkpoints(
    engine: Engine, path: Path, wishes: Wishes, settings: Settings, fault: Fault, progress: Progress
) -> dict[str, int]:
    """Take the checkpoints of a CSV, GeoJSON or GPX file; one that is there as it is counts as repeated."""

    def act(session: Session, items: Sequence[CheckpointRow], crs: str) -> list[Outcome]:
        return [_brought(session, settings.zone, item, crs) for item in items]

    return import_file(engine, path, PLAN, wishes, act, fault, progress)


def _brought(session: Session, zone: ZoneInfo, item: CheckpointRow, crs: str) -> Outcome:
    given = {"crs": crs, **item.model_dump(exclude_unset=True)}
    try:
        wish = standing(item.code, CheckpointRow.model_construct(**given))
    except GisgridError as error:
        return Outcome("refused", None, error)
    _, is_new = bring_checkpoint(session, zone, OPERATOR, wish)
    row = {"street_id": cells_of(session, zone, wish.longitude, wish.latitude)[0]}
    return Outcome("stored" if is_new else "repeated", row, None)
