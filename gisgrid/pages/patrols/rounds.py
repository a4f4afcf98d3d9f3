"""Rounds and gaps, for the staff who answer for the cells: what is due today, what was missed, and why."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any, Final, Literal, NamedTuple

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response
from sqlalchemy.orm import Session

from gisgrid.database import session_scope
from gisgrid.errors import GisgridError
from gisgrid.pages.called import Both, Called
from gisgrid.pages.forms import Prose, RowId, Sender, actor_of, in_words
from gisgrid.pages.frame import PAGES, account_of, page, see_other, written
from gisgrid.pages.paging import OffsetQuery, turned
from gisgrid.parameters import Page, parse_day
from gisgrid.patrols.plans.gap_steps import GapAct
from gisgrid.patrols.plans.gaps import close_gap
from gisgrid.patrols.plans.present import gaps_page, rounds_of_day
from gisgrid.patrols.plans.rounds import State
from gisgrid.patrols.plans.schemas import RoundEntry
from gisgrid.patrols.plans.tables import GapLevel
from gisgrid.settings import Settings
from gisgrid.staff.caller import Asker, Caller

router = APIRouter(prefix="/rounds", tags=["plans"], responses=PAGES, default_response_class=HTMLResponse)

AT_A_TIME: Final = 50
STATES: Final[dict[State, Both]] = {
    "missed": Both("漏巡", "missed"),
    "unconfirmed": Both("待补传", "unconfirmed"),
    "due": Both("进行中", "due"),
    "ahead": Both("未到时间", "ahead"),
    "done_late": Both("迟到完成", "done late"),
    "done": Both("已完成", "done"),
}
"""In the order in which they want looking at."""
WANTS_LOOKING_AT: Final[tuple[State, ...]] = ("missed", "unconfirmed")
CLOSED: Final = {
    "visit": Both("其后已到访", "visited afterwards"),
    "corrected": Both("补传数据证实已完成", "done after all, as late data shows"),
    "reason": Both("已说明原因", "for a reason"),
}
DONE: Final = {"closed": Both("已记录原因，漏巡关闭", "the reason is kept and the gap closed")}

ACTS: Final[dict[GapAct, Both]] = {
    "opened": Both("漏巡", "missed"),
    "went_up": Both("逾期未处理，上报", "went up, not seen to in time"),
    "visited": Both("已到访", "visited"),
    "explained": Both("说明原因", "explained"),
    "corrected": Both("补传数据证实已完成", "done after all, as late data shows"),
    "reopened": Both("重新打开", "open again"),
}
LEVELS: Final[dict[GapLevel, Both]] = {
    "substation": Both("分站", "substation"),
    "community": Both("社区", "community"),
    "street": Both("街道", "street"),
}
"""Who answers for a gap, from below."""

Show = Literal["open", "all"]
Done = Annotated[str, Query(max_length=20)]
Typed = Annotated[str, Query(max_length=100)]


class Station(NamedTuple):
    """The rounds of a day in one cell, and how many stand how."""

    name: Both
    rounds: list[RoundEntry]
    counts: Counter[State]

    @property
    def is_open(self) -> bool:
        """Whether something in it wants looking at."""
        return any(self.counts[state] for state in WANTS_LOOKING_AT)


@router.get("")
def get_rounds(request: Request, caller: Asker, day: Typed = "", cell: Typed = "") -> HTMLResponse:
    """Show the rounds of a day in one's cells, today's if none is chosen, station by station."""
    settings: Settings = request.app.state.settings
    now = datetime.now(UTC)
    today = now.astimezone(settings.zone).date()
    error: GisgridError | None = None
    try:
        asked = parse_day(day) if day else today
    except GisgridError as wrong:
        error, asked = wrong, today
    with session_scope(request.app.state.engine, sight=request.state.sight) as session:
        found = rounds_of_day(session, settings, asked, now, cell=cell or None)
        called = Called(session)
        account = account_of(session, caller)
    stations = _stations(found.rounds, called)
    values: dict[str, Any] = {
        "account": account,
        "day": asked,
        "days": _beside(asked),
        "today": today,
        "cell": cell,
        "cells": called.cell_choices(request.state.sight),
        "is_sealed": found.is_sealed,
        "stations": stations,
        "counts": sum((station.counts for station in stations), Counter()),
        "states": STATES,
    }
    return page(request, "patrols/rounds.html", error=error, here="/rounds", **values)


def _beside(day: date) -> tuple[date, date]:
    return day - timedelta(days=1), day + timedelta(days=1)


def _stations(rounds: Sequence[RoundEntry], called: Called) -> list[Station]:
    """Return the rounds by cell, in the order of the codes; what lies in no cell comes last."""
    by_cell: dict[str, list[RoundEntry]] = {}
    for each in rounds:
        by_cell.setdefault(each.cell_code or "", []).append(each)
    outside = Both("网格之外", "outside every cell")
    return [
        Station(called.cell(code) if code else outside, held, Counter(each.state for each in held))
        for code, held in sorted(by_cell.items(), key=lambda entry: (entry[0] == "", entry[0]))
    ]


# --- gaps ------------------------------------------------------------------------------------------


@router.get("/gaps")
def get_gaps(
    request: Request,
    caller: Asker,
    show: Show = "open",
    level: GapLevel | Literal[""] = "",
    gap: Annotated[int | None, Query(ge=1, le=2**53)] = None,
    offset: OffsetQuery = 0,
    done: Done = "",
) -> HTMLResponse:
    """List the gaps in one's cells, the open ones or all of them, the newest first; of a level, or one gap alone."""
    asked = {"is_open": True if show == "open" else None, "level": level or None, "gap_id": gap}
    part = Page(AT_A_TIME, offset)
    return _gaps_page(request, caller, part, asked, show=show, level=level, gap=gap, done=DONE.get(done))


@router.post("/gaps/{gap_id}/close")
def post_reason(request: Request, caller: Sender, gap_id: RowId, reason: Prose = "") -> Response:
    """Close a gap for a reason. One that is not taken is shown again, with that gap alone."""

    def closing(session: Session) -> None:
        close_gap(session, actor_of(caller), gap_id, in_words(reason, "请写明原因", "say what the reason is"))

    error = written(request, closing)
    if error is None:
        return see_other("/rounds/gaps?done=closed")
    return _gaps_page(request, caller, Page(1, 0), {"gap_id": gap_id}, error=error, typed=reason)


def _gaps_page(
    request: Request, caller: Caller, part: Page, asked: dict[str, Any], *, show: str = "", typed: str = "", **told: Any
) -> HTMLResponse:
    with session_scope(request.app.state.engine, sight=request.state.sight) as session:
        matched, gaps = gaps_page(session, part, **asked)
        values: dict[str, Any] = {
            "account": account_of(session, caller),
            "called": Called(session),
            "gaps": gaps,
            "turn": turned(request, part, matched),
            "closed": CLOSED,
            "gap_hours": f"{request.app.state.settings.gap_hours:g}",
            "acts": ACTS,
            "levels": LEVELS,
        }
    return page(request, "patrols/gaps.html", show=show, typed=typed, here="/rounds/gaps", **values, **told)
