"""Incidents in a list, for whoever answers for them or reported them: tabs, filters, and searches that are kept."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Final, NamedTuple

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gisgrid.database import session_scope
from gisgrid.errors import Forbidden, GisgridError
from gisgrid.incidents.emergencies.present import emergencies_page
from gisgrid.incidents.kinds.stored import Editions, edition_now
from gisgrid.incidents.loop.lights import readings
from gisgrid.incidents.reports import INCIDENT, incidents_page
from gisgrid.incidents.saved.searches import delete_search, save_search, saved_searches
from gisgrid.pages.called import Both, Called
from gisgrid.pages.forms import Line, Prose, RowId, Sender
from gisgrid.pages.frame import PAGES, account_of, page, see_other, written
from gisgrid.pages.incidents.search import TABS, Asked, AskedQuery, Show, conditions, order_of, period_of, read_query
from gisgrid.pages.incidents.words import (
    SOURCE_CHOICES,
    SOURCE_NAMES,
    STATE_CHOICES,
    clock_of,
    kind_groups,
    light_of,
)
from gisgrid.pages.paging import OffsetQuery, turned
from gisgrid.parameters import Page
from gisgrid.settings import Settings
from gisgrid.sight import sight_of, visible
from gisgrid.staff.caller import Asker, Caller

router = APIRouter(prefix="/incidents", tags=["incidents"], responses=PAGES, default_response_class=HTMLResponse)

AT_A_TIME: Final = 30
DONE: Final = {
    "saved": Both("查询已保存", "the search is saved"),
    "deleted": Both("已删除这个查询", "the search is deleted"),
    "moved": Both("已办理；此件不再由您办理", "done; the incident is no longer yours to see"),
}

BESIDES: Final[tuple[Show, ...]] = ("overdue", "open")

Done = Annotated[str, Query(max_length=20)]


class Beside(NamedTuple):
    """How many incidents another tab has, and where it is."""

    address: str
    words: Both
    how_many: int


class SharedPhone(Forbidden):
    """A phone that several share, where somebody's own account is needed."""


def require_person(caller: Caller) -> int:
    """Return the row of the person who asks. Raises SharedPhone."""
    if caller.person is None:
        raise SharedPhone(
            "共用手机请用打卡页上报和查看事件;此页须登录本人账号",
            "on a shared phone incidents are on the patrol page; this page is for whoever is signed in themselves",
        )
    return caller.person


@router.get("")
def get_incidents(
    request: Request, caller: Asker, asked: AskedQuery, offset: OffsetQuery = 0, done: Done = ""
) -> HTMLResponse:
    """List incidents: what waits for whoever asks, what is open, overdue or ended, and what they reported."""
    return _list_page(request, caller, asked, offset, done=DONE.get(done))


@router.post("/searches")
def post_search(request: Request, caller: Sender, name: Line = "", query: Prose = "") -> Response:
    """Keep a search under a name of one's own."""
    person, asked = require_person(caller), read_query(query)
    error = written(request, lambda session: save_search(session, person, name, asked.query))
    if isinstance(error, GisgridError):
        return _list_page(request, caller, asked, 0, error=error, typed=name)
    return see_other(f"/incidents?{asked.query}&done=saved")


@router.post("/searches/{search_id}/delete")
def post_deletion(request: Request, caller: Sender, search_id: RowId, query: Prose = "") -> Response:
    """Give up a search of one's own."""
    person, asked = require_person(caller), read_query(query)
    error = written(request, lambda session: delete_search(session, person, search_id))
    if isinstance(error, GisgridError):
        return _list_page(request, caller, asked, 0, error=error)
    return see_other(f"/incidents?{asked.query}&done=deleted")


def _list_page(request: Request, caller: Caller, asked: Asked, offset: int, **told: Any) -> HTMLResponse:
    settings: Settings = request.app.state.settings
    person, part = require_person(caller), Page(AT_A_TIME, offset)
    with session_scope(request.app.state.engine, sight=request.state.sight) as session:
        called = Called(session)
        error, matched, rows = _found(session, settings, caller, asked, part)
        values: dict[str, Any] = {
            "account": account_of(session, caller),
            "incidents": listed(session, settings, called, rows),
            "turn": turned(request, part, matched),
            "besides": _besides(session, settings, caller) if _is_nothing_to_do(asked, matched) else [],
            "saved": saved_searches(session, person),
            "cells": called.cell_choices(sight_of(session)),
            "departments": called.department_choices,
            "kinds": kind_groups(edition_now(session, settings.zone).kinds.values()),
        }
    choices: dict[str, Any] = {"tabs": TABS, "states": STATE_CHOICES, "sources": SOURCE_CHOICES}
    given: dict[str, Any] = {"typed": "", **told, "error": told.get("error") or error}
    return page(request, "incidents/incidents.html", here="/incidents", asked=asked, **choices, **values, **given)


def _found(
    session: Session, settings: Settings, caller: Caller, asked: Asked, part: Page
) -> tuple[GisgridError | None, int, Sequence[Mapping[str, Any]]]:
    """Return what is found; what cannot be asked for finds nothing, and says why."""
    try:
        more = conditions(session, asked, caller, datetime.now(UTC))
        period = period_of(asked, settings)
        found = incidents_page(
            session,
            settings.zone,
            part,
            period=period,
            cell=asked.cell or None,
            kind=asked.kind or None,
            more=more,
            order=order_of(asked.show),
        )
    except GisgridError as error:
        return error, 0, []
    return None, *found


def _is_nothing_to_do(asked: Asked, matched: int) -> bool:
    """Tell whether nothing at all waits for whoever asks."""
    return asked.show == "waiting" and not asked.filters and not matched


def _besides(session: Session, settings: Settings, caller: Caller) -> list[Beside]:
    """Return what there is where nothing waits for whoever asks: emergencies that run, what is overdue and open."""
    now = datetime.now(UTC)
    running = emergencies_page(session, settings, caller.person, Page(limit=1, offset=0), is_open=True)[0]
    found = [Beside("/emergencies", Both("进行中的应急", "Emergencies that run"), running)]
    for show in BESIDES:
        asked = Asked(show)
        its = (visible(session, INCIDENT), *conditions(session, asked, caller, now))
        count = session.scalar(select(func.count()).select_from(INCIDENT).where(*its)) or 0
        found.append(Beside(f"/incidents?{asked.query}", TABS[show], count))
    return [each for each in found if each.how_many]


def listed(
    session: Session, settings: Settings, called: Called, rows: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Return incidents, as `incidents_page` gives them, as a list shows them."""
    shown, editions = readings(session, settings, rows, datetime.now(UTC)), Editions(session)
    found = []
    for row in rows:
        kind = editions.kind_at(row["kind"], row["reported_at"], settings.zone)
        found.append(
            {
                **row,
                "kind_name": Both(row["kind_zh"], row["kind_en"]),
                "state_name": Both(row["state_zh"], row["state_en"]),
                "where": where(row, called),
                "light": light_of(shown[row["id"]], clock_of(kind, row["condition"])),
                "answers": called.level(row["answering_code"]),
                "lead": called.department(row["department"]) if row["department"] else None,
                "source_name": SOURCE_NAMES[row["source"]],
            }
        )
    return found


def where(row: Mapping[str, Any], called: Called) -> Both | None:
    """Name the finest cell in which an incident lies; None outside the grid."""
    code = row["substation_code"] or row["community_code"] or row["street_code"]
    return called.cell(code) if code else None
