"""The one entry for what comes by telephone, over the counter, from the hotline or above: stored, with a receipt."""

from collections.abc import Mapping
from datetime import UTC, datetime
from secrets import token_hex
from typing import Any, Final

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from sqlalchemy.orm import Session

from gisgrid.attachments.sent import Form, SentForm, form_schema
from gisgrid.database import session_scope
from gisgrid.errors import GisgridError, Refused
from gisgrid.grid.locate import NoGrid, NoSuchCell, grid_on
from gisgrid.incidents.emergencies.start import report_at_once
from gisgrid.incidents.kinds.stored import edition_now
from gisgrid.incidents.near.alike import alike
from gisgrid.incidents.report import Report
from gisgrid.incidents.reporter import sender_of
from gisgrid.incidents.reports import incident
from gisgrid.incidents.schemas import IncidentCreate
from gisgrid.pages.called import Both, Called
from gisgrid.pages.forms import RowId, actor_of, require_own_form
from gisgrid.pages.frame import PAGES, account_of, page, see_other, written
from gisgrid.pages.incidents.incidents import require_person, where
from gisgrid.pages.incidents.photos import FIELD, Contents, add_all, contents_of
from gisgrid.pages.incidents.words import SOURCE_CHOICES, SOURCE_NAMES, STATE_NAMES, kind_groups
from gisgrid.settings import Settings
from gisgrid.staff.caller import Asker, Caller
from gisgrid.wire import read_one

router = APIRouter(prefix="/incidents", tags=["incidents"], responses=PAGES, default_response_class=HTMLResponse)

SENT_BY_PROGRAMS: Final = ("citizen", "alarm")
"""Sources that nobody types in."""
EMPTY: Final = {
    "kind": "",
    "source": "phone",
    "outside_number": "",
    "contact": "",
    "description": "",
    "longitude": "",
    "latitude": "",
    "cell": "",
    "reported_at": "",
    "complained_cell": "",
    "complained_department": "",
    "client_id": "",
}
ENTRY: Final = form_schema(
    {**{name: {"type": "string"} for name in ("form_token", *EMPTY)}, "file": FIELD}, ["form_token", "kind"]
)

Typed = Mapping[str, str]


class NotTold(Refused):
    """An incident without its kind or its place, or with a time or a place that is none."""


@router.get("/new")
def get_entry(request: Request, caller: Asker) -> HTMLResponse:
    """Show the form for an incident of which word has come."""
    return _entry_page(request, caller, EMPTY)


@router.post("/new", openapi_extra=ENTRY)
def post_entry(request: Request, caller: Asker, form: SentForm) -> Response:
    """Store an incident with its photos, and lead to its receipt. One that is not taken is shown again, as typed."""
    require_own_form(caller, form.fields.get("form_token", ""))
    typed = {field: form.fields.get(field, "").strip()[:4000] for field in EMPTY}
    made = _made(request, caller, typed, form)
    if isinstance(made, GisgridError):
        return _entry_page(request, caller, typed, error=made, had_files=bool(form.files))
    return see_other(f"/incidents/{made}/receipt")


@router.get("/{incident_id}/receipt")
def get_receipt(request: Request, caller: Asker, incident_id: RowId) -> HTMLResponse:
    """Show the receipt of an incident, to be printed or told, and what may be the same."""
    require_person(caller)
    settings: Settings = request.app.state.settings
    with session_scope(request.app.state.engine, sight=request.state.sight) as session:
        row, called = incident(session, settings.zone, incident_id), Called(session)
        values: dict[str, Any] = {
            "account": account_of(session, caller),
            "row": row,
            "kind_name": Both(row["kind_zh"], row["kind_en"]),
            "source_name": SOURCE_NAMES[row["source"]],
            "where": where(row, called),
            "alike": [{**each, "state_name": STATE_NAMES[each["state"]]} for each in alike(session, row)],
        }
    return page(request, "incidents/receipt.html", here="/incidents", **values)


def _made(request: Request, caller: Caller, typed: Typed, form: Form) -> int | GisgridError:
    """Store an incident; return its row, or why it is not taken."""
    settings: Settings = request.app.state.settings
    try:
        require_person(caller)
        contents = contents_of(form, settings)  # before the write begins
    except GisgridError as error:
        return error
    return written(request, lambda session: _stored(session, settings, caller, typed, contents))


def _stored(session: Session, settings: Settings, caller: Caller, typed: Typed, contents: Contents) -> int:
    now = datetime.now(UTC)
    item = read_one(IncidentCreate, _body(session, settings, typed, now))
    told = Report(received_at=now, reported_by=caller.person, sender=sender_of(caller), **item.model_dump())
    (outcome,) = report_at_once(session, settings, [told], actor_of(caller))
    if outcome.error is not None or outcome.row is None:
        raise outcome.error or NotTold("未能保存,请检查后再提交", "it was not stored; look it over and send it again")
    number: int = outcome.row["id"]
    add_all(session, actor_of(caller), number, contents, "found")
    return number


def _body(session: Session, settings: Settings, typed: Typed, now: datetime) -> dict[str, Any]:
    """Return what was typed as the API takes it. Raises NotTold, NoGrid, NoSuchCell."""
    if not typed["kind"]:
        raise NotTold("请选择事件类别", "choose the kind of incident")
    longitude, latitude = _place(session, typed)
    optional = ("outside_number", "complained_cell", "complained_department", "client_id")
    return {
        "kind": typed["kind"],
        "reported_at": _moment(typed["reported_at"], settings, now),
        "longitude": longitude,
        "latitude": latitude,
        "source": typed["source"],
        "contact": typed["contact"],
        "description": typed["description"].replace("\r\n", "\n"),
        **{name: typed[name] or None for name in optional},
    }


def _place(session: Session, typed: Typed) -> tuple[float, float]:
    """Return longitude and latitude as typed, else a point inside the cell that was chosen."""
    if typed["longitude"] or typed["latitude"]:
        try:
            return float(typed["longitude"]), float(typed["latitude"])
        except ValueError as error:
            raise NotTold(
                "经度和纬度都要填写,以度为单位,例如 114.4185 和 22.6432",
                "give longitude and latitude both, in degrees, such as 114.4185 and 22.6432",
            ) from error
    if not typed["cell"]:
        raise NotTold(
            "请在地图上点选位置、填写经纬度,或选择网格", "click on the map, type coordinates, or choose a cell"
        )
    cells = grid_on(session).cells.set_index("code").geometry
    if typed["cell"] not in cells.index:
        raise NoSuchCell("没有这个编码的网格", "there is no cell with that code")
    point = cells[typed["cell"]].representative_point()
    return float(point.x), float(point.y)


def _moment(text: str, settings: Settings, now: datetime) -> str:
    """Return the local time that was typed with its zone; now for none."""
    if not text:
        return now.isoformat()
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise NotTold("上报时间应写成 2026-11-01 08:00", "write the time as 2026-11-01 08:00") from error
    return moment.replace(tzinfo=moment.tzinfo or settings.zone).isoformat()


def _entry_page(request: Request, caller: Caller, typed: Typed, **told: Any) -> HTMLResponse:
    require_person(caller)
    settings: Settings = request.app.state.settings
    now = datetime.now(settings.zone)
    with session_scope(request.app.state.engine) as session:
        called = Called(session)
        values: dict[str, Any] = {
            "account": account_of(session, caller),
            "kinds": kind_groups(edition_now(session, settings.zone).kinds.values()),
            "cells": called.cell_choices(),
            "departments": called.department_choices,
            "is_illustrative": _is_illustrative(session),
        }
    shown = {**typed, "client_id": typed["client_id"] or f"entry-{token_hex(12)}"}
    shown["reported_at"] = typed["reported_at"] or now.strftime("%Y-%m-%dT%H:%M")
    sources = [each for each in SOURCE_CHOICES if each.value not in SENT_BY_PROGRAMS]
    given = {"error": None, "had_files": False, **told}
    return page(request, "incidents/entry.html", here="/incidents/new", typed=shown, sources=sources, **values, **given)


def _is_illustrative(session: Session) -> bool:
    try:
        return bool(grid_on(session).cells["is_illustrative"].any())
    except NoGrid:
        return False
