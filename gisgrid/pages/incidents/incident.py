"""One incident, for whoever may see it: what is known, its clock, steps and photos, and the moves that are theirs."""

from datetime import UTC, datetime
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from gisgrid.attachments.sent import SentForm, form_schema
from gisgrid.database import session_scope
from gisgrid.errors import GisgridError
from gisgrid.incidents.emergencies.start import running_of
from gisgrid.incidents.kinds.stored import Editions
from gisgrid.incidents.lifecycle import DONE as DONE_STATES
from gisgrid.incidents.lifecycle import OPEN, RULES, SHOW_DONE
from gisgrid.incidents.loop.hands import hands_of
from gisgrid.incidents.loop.lights import readings
from gisgrid.incidents.loop.present import case_shown
from gisgrid.incidents.loop.transitions import move as make_move
from gisgrid.incidents.near.alike import alike
from gisgrid.incidents.orders.present import orders_of
from gisgrid.incidents.reports import INCIDENT, NoSuchIncident, incident, require_incident
from gisgrid.incidents.visits.follow_up import Visit, follow_up, visits_shown
from gisgrid.incidents.visits.schemas import FollowUpCreate
from gisgrid.pages.called import LEVEL_NAMES, Both, Called
from gisgrid.pages.forms import Line, Prose, RowId, Sender, actor_of, require_own_form
from gisgrid.pages.frame import PAGES, account_of, page, see_other, written
from gisgrid.pages.incidents.incidents import require_person, where
from gisgrid.pages.incidents.moves import EMPTY, choices_of, forms, sent
from gisgrid.pages.incidents.photos import FIELD, add_all, captioned, contents_of, shown
from gisgrid.pages.incidents.steps import time_line
from gisgrid.pages.incidents.words import SOURCE_NAMES, STATE_NAMES, clock_of, lasting, light_of
from gisgrid.pages.patrols.plans import Lines
from gisgrid.pages.small_map import map_of
from gisgrid.settings import Settings
from gisgrid.sight import seeing_everything, visible
from gisgrid.staff.caller import Asker, Caller
from gisgrid.wire import read_one

router = APIRouter(
    prefix="/incidents/{incident_id}", tags=["incidents"], responses=PAGES, default_response_class=HTMLResponse
)

DONE: Final = {
    **{str(name): Both(f"已办理：{rule.zh}", f"done: {rule.en}") for name, rule in RULES.items()},
    "shown": Both("照片和文书已保存", "the photos and documents are kept"),
    "visited": Both("回访已记录", "the visit is on record"),
}
UPLOAD: Final = form_schema(
    {
        "form_token": {"type": "string"},
        "file": FIELD,
        "shows": {"type": "string", "enum": ["found", "done"]},
        "caption": {"type": "string", "maxLength": 200},
    },
    ["form_token", "file"],
)

SCORES: Final = tuple("12345")

Done = Annotated[str, Query(max_length=20)]
Shown = dict[str, Any]


@router.get("")
def get_incident(request: Request, caller: Asker, incident_id: RowId, done: Done = "") -> HTMLResponse:
    """Show one incident with the moves that are open to whoever asks."""
    return _case_page(request, caller, incident_id, done=DONE.get(done))


@router.post("/moves")
def post_move(
    request: Request,
    caller: Sender,
    incident_id: RowId,
    department: Lines,
    move: Line = "",
    revision: Line = "",
    words: Prose = "",
    condition: Line = "",
    lead: Line = "",
    person: Line = "",
    cell: Line = "",
    into: Line = "",
    until: Line = "",
    score: Line = "",
    longitude: Line = "",
    latitude: Line = "",
) -> Response:
    """Move an incident. What is not taken is shown again as it was typed, with how the incident stands by now."""
    given = locals()
    typed: Shown = {field: given[field] for field in EMPTY}
    is_seen = written(request, lambda session: _moved(session, request, caller, incident_id, typed, revision))
    if isinstance(is_seen, GisgridError):
        return _case_page(request, caller, incident_id, error=is_seen, typed=typed)
    return see_other(f"/incidents/{incident_id}?done={move}" if is_seen else "/incidents?done=moved")


def _moved(session: Session, request: Request, caller: Caller, incident_id: int, typed: Shown, revision: str) -> bool:
    """Move an incident; tell whether whoever did so sees it still."""
    require_person(caller)
    asked = sent(session, typed, revision)
    make_move(session, request.app.state.settings, caller, incident_id, asked.revision, asked.wish)
    try:
        require_incident(session, incident_id)
    except NoSuchIncident:
        return False
    return True


@router.post("/exhibits", openapi_extra=UPLOAD)
def post_exhibits(request: Request, caller: Asker, incident_id: RowId, form: SentForm) -> Response:
    """Add photos and documents: all of them, or none where one cannot be kept."""
    require_own_form(caller, form.fields.get("form_token", ""))
    require_person(caller)
    try:
        shows, caption = captioned(form)
        contents = contents_of(form, request.app.state.settings)
    except GisgridError as error:
        return _case_page(request, caller, incident_id, error=error)

    def adding(session: Session) -> None:
        add_all(session, actor_of(caller), incident_id, contents, shows, caption)

    refused = written(request, adding)
    if isinstance(refused, GisgridError):
        return _case_page(request, caller, incident_id, error=refused)
    return see_other(f"/incidents/{incident_id}?done=shown#photos")


@router.post("/follow-ups")
def post_follow_up(
    request: Request, caller: Sender, incident_id: RowId, way: Line = "", satisfaction: Line = "", words: Line = ""
) -> Response:
    """Put a follow-up visit on record."""

    def visiting(session: Session) -> None:
        sent = {"way": way, "words": words, "satisfaction": int(satisfaction) if satisfaction in SCORES else None}
        follow_up(session, caller, incident_id, Visit(**read_one(FollowUpCreate, sent).model_dump()))

    error = written(request, visiting)
    if isinstance(error, GisgridError):
        return _case_page(request, caller, incident_id, error=error)
    return see_other(f"/incidents/{incident_id}?done=visited#follow-ups")


# --- the page --------------------------------------------------------------------------------------


def _case_page(
    request: Request, caller: Caller, incident_id: int, *, typed: Shown | None = None, **told: Any
) -> HTMLResponse:
    require_person(caller)
    given = EMPTY if typed is None else typed
    with session_scope(request.app.state.engine, sight=request.state.sight) as session:
        values = _shown(session, request.app.state.settings, caller, incident_id, given)
        values["account"] = account_of(session, caller)
    return page(request, "incidents/incident.html", here="/incidents", typed=given, **values, **told)


def _shown(session: Session, settings: Settings, caller: Caller, incident_id: int, typed: Shown) -> Shown:
    """Return what the page shows of an incident. Raises NoSuchIncident."""
    row = incident(session, settings.zone, incident_id)
    case, called = case_shown(session, settings, caller, incident_id), Called(session)
    kind = Editions(session).kind_at(row["kind"], row["reported_at"], settings.zone)
    clock = clock_of(kind, row["condition"])
    shows = readings(session, settings, [row], datetime.now(UTC))[incident_id]
    can = {each["move"] for each in case["moves"]}
    return {
        **_beyond(session, settings, caller, row),
        "row": row,
        "case": case,
        "called": called,
        "kind": kind,
        "kind_name": Both(row["kind_zh"], row["kind_en"]),
        "state_name": STATE_NAMES[case["state"]],
        "source_name": SOURCE_NAMES[case["source"]],
        "where": where(row, called),
        "cells": [called.cell(row[f"{level}_code"]) for level in LEVEL_NAMES if row[f"{level}_code"]],
        "map": map_of(session, settings, [("", row["longitude"], row["latitude"])], row["reported_at"]),
        "light": light_of(shows, clock),
        "spans": [lasting(seconds, clock) for seconds in (shows.used_s, shows.allowed_s or 0)] if clock else [],
        "answers": (called.level(row["answering_code"]), called.cell(row["answering_code"])),
        "departments": [called.department(code) for code in case["departments"]],
        "steps": time_line(session, called, kind, case["steps"]),
        "exhibits": shown(case["exhibits"], incident_id),
        "moves": forms(case["moves"], typed),
        "choices": choices_of(session, called, kind, row, case["neighbours"]),
        "alike": _alike(session, row),
        "merged": _merged(session, row),
        "may_merge": "merge" in can,
        "condition": next((each for each in kind.conditions if each.code == row["condition"]), None) if kind else None,
    }


def _beyond(session: Session, settings: Settings, caller: Caller, row: Shown) -> Shown:
    """Return what there is besides the loop: orders, an emergency that runs or may be started, visits afterwards."""
    now, number = datetime.now(UTC), row["id"]
    hands = hands_of(session, caller, row)
    orders, may_issue = orders_of(session, caller, number, now)
    with seeing_everything(session):  # that an emergency runs is for all who see its incident
        running = running_of(session, number)
    return {
        "orders": orders,
        "may_issue": may_issue and caller.may("incidents"),
        "today": now.astimezone(settings.zone).date(),
        "running": running,
        "may_start": caller.may("incidents") and row["state"] in OPEN and bool(hands),
        "may_show_done": bool(hands & SHOW_DONE.get(row["state"], frozenset())),
        "visits": visits_shown(session, caller, number),
        "is_done": row["state"] in DONE_STATES,
    }


def _alike(session: Session, row: Shown) -> list[Shown]:
    """Return what may be the same as an open incident."""
    if row["state"] not in OPEN:
        return []
    return [{**each, "state_name": STATE_NAMES[each["state"]]} for each in alike(session, row)]


def _merged(session: Session, row: Shown) -> Shown:
    """Return into which incident one is merged, and which are merged into it, of those that may be seen."""
    columns = (INCIDENT.c.id, INCIDENT.c.number)
    seen = select(*columns).where(visible(session, INCIDENT))
    into = session.execute(seen.where(INCIDENT.c.id == row["merged_into_id"])).first()
    held = session.execute(seen.where(INCIDENT.c.merged_into_id == row["id"]).order_by(INCIDENT.c.id)).all()
    return {"into": into, "held": held}
