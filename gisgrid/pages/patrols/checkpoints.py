"""Checkpoints, for the staff who answer for the cells: what each asks for, and the code to be put up there today."""

from base64 import b64encode
from datetime import UTC, datetime
from typing import Any, NamedTuple

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from sqlalchemy import select
from sqlalchemy.orm import Session

from gisgrid.database import session_scope
from gisgrid.pages.called import Both, Called
from gisgrid.pages.frame import PAGES, account_of, page
from gisgrid.patrols.plans.change_checkpoints import lock_of
from gisgrid.patrols.plans.codes import Shown, code_on
from gisgrid.patrols.plans.find_spots import standing_checkpoints
from gisgrid.patrols.plans.spots import Spot
from gisgrid.patrols.tables import Checkpoint
from gisgrid.settings import Settings
from gisgrid.sight import sight_of
from gisgrid.staff.caller import Asker, Caller, sight_for
from gisgrid.staff.qr import qr_png

router = APIRouter(prefix="/rounds", tags=["plans"], responses=PAGES, default_response_class=HTMLResponse)


class PutUp(NamedTuple):
    """A checkpoint, in which cell it lies, its code of today and a picture of it, where one may know it."""

    spot: Spot
    where: Both
    shown: Shown | None
    picture: str


@router.get("/checkpoints")
def get_checkpoints(request: Request, caller: Asker) -> HTMLResponse:
    """List the checkpoints in one's cells; who may make plans there sees their codes of today, as QR codes too."""
    settings: Settings = request.app.state.settings
    with session_scope(request.app.state.engine, sight=request.state.sight) as session:
        values: dict[str, Any] = {
            "account": account_of(session, caller),
            "checkpoints": _checkpoints(session, settings, caller),
        }
    return page(request, "patrols/checkpoints.html", here="/rounds/checkpoints", **values)


def _checkpoints(session: Session, settings: Settings, caller: Caller) -> list[PutUp]:
    today = datetime.now(UTC).astimezone(settings.zone).date()
    sight = sight_of(session)
    seen = [each for each in standing_checkpoints(session, today, settings.metric_crs) if sight.holds(each.cells)]
    planning = sight_for(session, caller, "plan")
    known = [each.row for each in seen if planning.holds(each.cells)]
    rows = session.scalars(select(Checkpoint).where(Checkpoint.id.in_(known)))
    locks = {each.id: lock for each in rows if (lock := lock_of(each)) is not None}
    called = Called(session)
    shown = {row: code_on(lock, today) for row, lock in locks.items()}
    return [PutUp(each, _where(each, called), shown.get(each.row), _picture(shown.get(each.row))) for each in seen]


def _where(spot: Spot, called: Called) -> Both:
    code = next((code for code in reversed(spot.codes) if code is not None), None)
    return Both("网格之外", "outside every cell") if code is None else called.cell(code)


def _picture(shown: Shown | None) -> str:
    return "" if shown is None else f"data:image/png;base64,{b64encode(qr_png(shown.code)).decode()}"
