"""The monthly satisfaction survey: entered for one's cells, shown with its n and the change on the month before."""

from datetime import datetime
from typing import Annotated, Any, Final

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import HTMLResponse, Response
from sqlalchemy.orm import Session

from gisgrid.database import session_scope
from gisgrid.errors import GisgridError, Refused
from gisgrid.incidents.figures.present import percent, points
from gisgrid.incidents.surveys.enter import Found, enter
from gisgrid.incidents.surveys.routes import satisfactions
from gisgrid.incidents.surveys.satisfaction import BadMonth, parse_month
from gisgrid.pages.called import Both, Called
from gisgrid.pages.forms import Line, Sender, actor_of
from gisgrid.pages.frame import PAGES, account_of, page, see_other, written
from gisgrid.sight import sight_of
from gisgrid.staff.caller import Asker, Caller

router = APIRouter(prefix="/surveys", tags=["figures"], responses=PAGES, default_response_class=HTMLResponse)

DONE: Final = {"entered": Both("已录入", "entered")}
MOST_DIGITS: Final = 8

Asked = Annotated[str, Query(max_length=20)]


class NoNumber(Refused):
    """A number of people that is none."""


@router.get("")
def get_surveys(request: Request, caller: Asker, month: Asked = "", done: Asked = "") -> HTMLResponse:
    """Show the satisfaction of one's cells in a month, the current one if none is given, and the form to enter it."""
    return _surveys_page(request, caller, month, done=DONE.get(done))


@router.post("")
def post_survey(
    request: Request,
    caller: Sender,
    cell: Annotated[str, Form(max_length=100)] = "",
    month: Line = "",
    asked: Line = "",
    satisfied: Line = "",
) -> Response:
    """Enter what a survey found in a cell and month; what was entered before is replaced."""
    zone = request.app.state.settings.zone

    def entering(session: Session) -> None:
        found = Found(cell, parse_month(month), _number(asked), _number(satisfied))
        enter(session, actor_of(caller), sight_of(session), found, zone)

    error: GisgridError | None = written(request, entering)
    if error is None:
        return see_other(f"/surveys?month={parse_month(month):%Y-%m}&done=entered")
    typed = {"cell": cell, "month": month, "asked": asked, "satisfied": satisfied}
    return _surveys_page(request, caller, month, error=error, typed=typed)


def _number(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= MOST_DIGITS):
        raise NoNumber("人数应为整数", "how many were asked, and satisfied, must be whole numbers")
    return int(text)


def _surveys_page(
    request: Request,
    caller: Caller,
    month: str,
    error: GisgridError | None = None,
    typed: dict[str, str] | None = None,
    **told: Any,
) -> HTMLResponse:
    current = f"{datetime.now(request.app.state.settings.zone):%Y-%m}"
    try:
        shown = f"{parse_month(month or current):%Y-%m}"
    except BadMonth as bad:
        shown, error = current, error or bad
    with session_scope(request.app.state.engine, sight=request.state.sight) as session:
        called = Called(session)
        found = [
            {
                "name": called.cell(each.cell_code),
                "code": each.cell_code,
                "asked": each.asked,
                "satisfied": each.satisfied,
                "ratio": percent(each.ratio),
                "change": points(each.change_points),
            }
            for each in satisfactions(session, shown)
        ]
        values: dict[str, Any] = {
            "account": account_of(session, caller),
            "cells": called.cell_choices(sight_of(session)),
        }
    typed = typed or {"cell": "", "month": shown, "asked": "", "satisfied": ""}
    return page(
        request,
        "incidents/surveys.html",
        error=error,
        here="/surveys",
        month=shown,
        surveys=found,
        typed=typed,
        **values,
        **told,
    )
