"""Check-ins and checkpoints over HTTP."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import shapely
from fastapi import APIRouter, Request

from gisgrid.database import ReadSession, session_scope
from gisgrid.geometry import feature
from gisgrid.intake.arrivals import Answers, Outcome, take_in
from gisgrid.parameters import BoxQuery, PageQuery, PeriodQuery
from gisgrid.patrols.alarms.routes import router as alarms
from gisgrid.patrols.arrival.ingest import Consignment
from gisgrid.patrols.arrival.senders import CheckIn
from gisgrid.patrols.checkpoints import checkpoints_within
from gisgrid.patrols.doubts.routes import router as doubted
from gisgrid.patrols.duty.routes import router as duty
from gisgrid.patrols.duty.shift_routes import actor_of
from gisgrid.patrols.duty.shift_routes import router as shifts
from gisgrid.patrols.fixes import as_told, fixes_page, walkers
from gisgrid.patrols.judge import doubts
from gisgrid.patrols.live.routes import router as live
from gisgrid.patrols.me_routes import router as me
from gisgrid.patrols.plans.checkpoint_routes import router as checkpoints
from gisgrid.patrols.plans.routes import router as plans
from gisgrid.patrols.reading import note_reading, require_purpose
from gisgrid.patrols.schemas import (
    CheckInCreate,
    CheckpointCollection,
    CheckpointFeature,
    FixAnswers,
    FixCollection,
    FixFeature,
    FixProperties,
    RecordedFix,
    Walkers,
)
from gisgrid.patrols.suggest.routes import router as suggestions
from gisgrid.settings import Settings
from gisgrid.sight import NOTHING, sight_of
from gisgrid.staff.caller import Asker
from gisgrid.staff.scope import sight_of_cell
from gisgrid.wire import JsonBody, NameQuery, PurposeQuery, body_schema, next_links

router = APIRouter(prefix="/api", tags=["patrols"])
ROUTERS = (router, shifts, duty, me, plans, checkpoints, alarms, doubted, live, suggestions)


@router.post("/check-ins", openapi_extra=body_schema(CheckInCreate), response_model=FixAnswers)
def post_check_ins(request: Request, session: ReadSession, caller: Asker, body: JsonBody) -> Answers:
    """Store one check-in or a list of them, each once, and answer item by item where it lies.

    A list is answered with a list in the same order; a bad item never fails the others. A point outside every cell is
    kept. A repeat is no error: the same patroller and client_id give the same answer with status `repeated`.

    A device sends for whoever is signed on to it at the time of the fix, a person for themselves; staff who may bring
    in what others recorded name the `patroller`. A fix outside a shift is withheld: nobody but its patroller sees it.
    """
    received_at = datetime.now(UTC)

    settings: Settings = request.app.state.settings

    def act(items: Sequence[CheckInCreate]) -> list[Outcome]:
        sent = [CheckIn(received_at=received_at, asks_whether=True, **item.model_dump()) for item in items]
        taken = request.app.state.writer.store(Consignment(received_at, caller=caller, sent=sent), len(sent))
        return [_judged(outcome, settings) for outcome in taken.outcomes]

    return take_in(session, body, CheckInCreate, act, RecordedFix)


def _judged(outcome: Outcome, settings: Settings) -> Outcome:
    """Return an outcome whose row says what is doubtful about the fix, and whether it counts at a checkpoint."""
    row = outcome.row
    if row is None:
        return outcome
    at = row["at"]
    checkpoint = None if at is None else {"code": at.checkpoint, "name": at.name, **at.verdict._asdict()}
    return outcome._replace(row={**row, "doubts": doubts(row["flags"], settings), "checkpoint": checkpoint})


@router.get("/check-ins")
def get_check_ins(
    request: Request,
    session: ReadSession,
    caller: Asker,
    page: PageQuery,
    cell: NameQuery = None,
    period: PeriodQuery = None,
    bbox: BoxQuery = None,
    patroller: NameQuery = None,
    purpose: PurposeQuery = None,
) -> FixCollection:
    """List check-ins by cell (code at any level), time, box and person, in the order of their fix time.

    Patrollers see their own. Staff who see others' say for what `purpose`; it is recorded for everybody whose fixes
    match, on this page or another, and each of them can see it.
    """
    require_purpose(session, caller, patroller, purpose)
    matched, rows = fixes_page(session, page, period=period, cell=cell, box=bbox, patroller=patroller)
    if caller.may("tracks"):
        whose = walkers(session, period=period, cell=cell, box=bbox, patroller=patroller)
        whose |= {patroller} if patroller else set()  # that there are none tells something, too
        with session_scope(request.app.state.engine, write=True) as recording:  # before the answer goes out
            note_reading(recording, actor_of(caller), whose, purpose or "", but=caller.person)
    return FixCollection(
        features=[_fix(row) for row in rows],
        numberMatched=matched,
        numberReturned=len(rows),
        links=next_links(request, page, matched),
    )


@router.get("/walkers")
def get_walkers(
    request: Request,
    session: ReadSession,
    caller: Asker,
    cell: NameQuery = None,
    period: PeriodQuery = None,
    purpose: PurposeQuery = None,
) -> Walkers:
    """Name those who checked in, in one's cells, so that a track can be chosen: for a `purpose`, as the tracks are."""
    require_purpose(session, caller, None, purpose)
    whose = walkers(session, period=period, cell=cell)
    with session_scope(request.app.state.engine, write=True) as recording:  # before the answer goes out
        note_reading(recording, actor_of(caller), whose, purpose or "", but=caller.person)
    return Walkers(walkers=sorted(whose))


def _fix(row: dict[str, Any]) -> FixFeature:
    point = None if row["longitude"] is None else shapely.Point(row["longitude"], row["latitude"])
    told = as_told(row)
    properties = {name: told[name] for name in FixProperties.model_fields}
    return FixFeature.model_validate(feature(point, properties, row["id"]))


@router.get("/checkpoints")
def get_checkpoints(session: ReadSession, caller: Asker) -> CheckpointCollection:
    """List the checkpoints in the cells of the person, or of the phone, that asks."""
    seen = {"person": sight_of(session), "device": sight_of_cell(session, caller.cell_code)}
    frame = checkpoints_within(session, seen.get(caller.kind, NOTHING))
    rows = frame.drop(columns="geometry").to_dict("records")
    features = [
        CheckpointFeature.model_validate(feature(point, row, row["code"]))
        for row, point in zip(rows, frame.geometry, strict=True)
    ]
    return CheckpointCollection(features=features, numberMatched=len(features), numberReturned=len(features))
