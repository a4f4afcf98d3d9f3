"""Checkpoints over HTTP: made, moved, retired, and what is to be put up there."""

from datetime import UTC, datetime
from http import HTTPStatus

from fastapi import APIRouter
from sqlalchemy.orm import Session

from gisgrid.database import ReadSession, WriteSession
from gisgrid.geometry import feature
from gisgrid.parameters import LocalZone
from gisgrid.patrols.checkpoints import checkpoints_frame
from gisgrid.patrols.duty.shift_routes import actor_of
from gisgrid.patrols.plans.change_checkpoints import (
    add_checkpoint,
    change_checkpoint,
    code_at,
    retire_checkpoint,
    standing,
)
from gisgrid.patrols.plans.checkpoint_schemas import CheckpointChange, CheckpointCode, CheckpointCreate
from gisgrid.patrols.schemas import CheckpointFeature
from gisgrid.staff.caller import Asker
from gisgrid.wire import JsonBody, NamePath, one_schema, read_one

router = APIRouter(prefix="/api/checkpoints", tags=["plans"])


@router.post("", status_code=HTTPStatus.CREATED, openapi_extra=one_schema(CheckpointCreate))
def post_checkpoint(session: WriteSession, caller: Asker, zone: LocalZone, body: JsonBody) -> CheckpointFeature:
    """Make a checkpoint in one's cells, or let one that is retired stand again."""
    sent = read_one(CheckpointCreate, body)
    return _feature(session, add_checkpoint(session, zone, actor_of(caller), standing(sent.code, sent)).code)


@router.put("/{code}", openapi_extra=one_schema(CheckpointChange))
def put_checkpoint(
    session: WriteSession, caller: Asker, zone: LocalZone, code: NamePath, body: JsonBody
) -> CheckpointFeature:
    """Change a checkpoint, or move it; rounds that have begun are judged by what it was."""
    wish = standing(code, read_one(CheckpointChange, body))
    return _feature(session, change_checkpoint(session, zone, actor_of(caller), wish).code)


@router.delete("/{code}", status_code=HTTPStatus.NO_CONTENT)
def delete_checkpoint(session: WriteSession, caller: Asker, zone: LocalZone, code: NamePath) -> None:
    """Retire a checkpoint: from now on it is no place of any plan."""
    retire_checkpoint(session, zone, actor_of(caller), code)


@router.get("/{code}/code")
def get_code(session: ReadSession, zone: LocalZone, code: NamePath) -> CheckpointCode:
    """Return the code that stands at a checkpoint today; patrollers type or scan it there."""
    shown = code_at(session, zone, code, datetime.now(UTC).astimezone(zone).date())
    return CheckpointCode(checkpoint=code, **shown._asdict())


def _feature(session: Session, code: str) -> CheckpointFeature:
    frame = checkpoints_frame(session)
    mine = frame[frame["code"] == code]
    return CheckpointFeature.model_validate(
        feature(mine.geometry.iloc[0], mine.drop(columns="geometry").to_dict("records")[0], code)
    )
