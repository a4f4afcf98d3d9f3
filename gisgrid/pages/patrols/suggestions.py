"""Suggested rounds, for the staff who answer for the cells: asked for somebody who walks there, and drawn on a map."""

import math
from datetime import UTC, datetime
from typing import Annotated, Any, Final, NamedTuple

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import HTMLResponse, Response
from markupsafe import Markup
from sqlalchemy.orm import Session

from gisgrid.database import session_scope
from gisgrid.documents.svg import METRES_A_DEGREE
from gisgrid.errors import GisgridError
from gisgrid.pages.called import Both
from gisgrid.pages.forms import Sender, actor_of
from gisgrid.pages.frame import PAGES, account_of, page, see_other, written
from gisgrid.pages.small_map import map_of
from gisgrid.patrols.plans.walking import beats
from gisgrid.patrols.suggest.present import suggestions_now
from gisgrid.patrols.suggest.schemas import SuggestionRecord
from gisgrid.patrols.suggest.suggest import suggest
from gisgrid.settings import Settings
from gisgrid.sight import Sight
from gisgrid.staff.caller import Asker, Caller, sight_for

router = APIRouter(prefix="/rounds", tags=["suggestions"], responses=PAGES, default_response_class=HTMLResponse)

WHY: Final = {
    "gap": Both("漏巡", "gap"),
    "round": Both("今日应巡", "due today"),
    "unseen": Both("久未巡到", "long unseen"),
}
TIMES: Final = (30, 60, 90, 120)
DONE: Final = {"suggested": Both("已生成建议路线，巡查员的页面上可见", "a round is suggested; the patroller sees it")}
ROOM: Final = 2.6
"""The map is so many times as wide as the farthest point lies from the start: that stands in its middle."""


class Drawn(NamedTuple):
    """A suggested round with its map; None where there is no grid."""

    round: SuggestionRecord
    map: Markup | None


@router.get("/suggestions")
def get_suggestions(request: Request, caller: Asker, done: Annotated[str, Query(max_length=20)] = "") -> HTMLResponse:
    """List the rounds that are suggested today in one's cells, the newest first, each on a map."""
    return _page(request, caller, done=DONE.get(done))


@router.post("/suggestions")
def post_suggestion(
    request: Request,
    caller: Sender,
    person: Annotated[int, Form(ge=1, le=2**53)],
    minutes: Annotated[int, Form(ge=10, le=240)] = 60,
) -> Response:
    """Suggest a round to somebody who walks in one's cells."""
    settings: Settings = request.app.state.settings

    def suggesting(session: Session) -> None:
        suggest(session, settings, actor_of(caller), person, minutes, datetime.now(UTC), is_own=False)

    error = written(request, suggesting)
    return see_other("/rounds/suggestions?done=suggested") if error is None else _page(request, caller, error=error)


def _page(
    request: Request, caller: Caller, *, error: GisgridError | None = None, done: Both | None = None
) -> HTMLResponse:
    settings: Settings = request.app.state.settings
    now = datetime.now(UTC)
    with session_scope(request.app.state.engine, sight=request.state.sight) as session:
        rounds = suggestions_now(session, now)
        values: dict[str, Any] = {
            "account": account_of(session, caller),
            "walkers": _walkers(session, sight_for(session, caller, "plan")),
            "drawn": [Drawn(each, _map(session, settings, each)) for each in rounds],
        }
    told: dict[str, Any] = {"why": WHY, "times": TIMES, "done": done}
    return page(request, "patrols/suggestions.html", error=error, here="/rounds/suggestions", **values, **told)


def _walkers(session: Session, sight: Sight) -> list[tuple[int, str]]:
    """Return who walks in the cells that are answered for: their rows, and what they are called."""
    held = [
        each
        for each in beats(session)
        if sight.everything or (sight.answers.outside if each.cell_code is None else sight.has_code(each.cell_code))
    ]
    return list({each.person: (each.person, each.full_name or each.name) for each in held}.values())


def _map(session: Session, settings: Settings, its: SuggestionRecord) -> Markup | None:
    start = (its.longitude, its.latitude)
    points = [("", *start), *((str(n), each.longitude, each.latitude) for n, each in enumerate(its.places, 1))]
    wide_m = max(600.0, ROOM * max(_metres(start, at) for at in its.line))
    return map_of(session, settings, points, its.made_at, line=its.line, wide_m=wide_m)


def _metres(start: tuple[float, float], at: tuple[float, float]) -> float:
    """Return how far a point lies from a start, roughly: north counts more, the map being wider than high."""
    east = (at[0] - start[0]) * math.cos(math.radians(start[1]))
    return METRES_A_DEGREE * max(abs(east), 1.7 * abs(at[1] - start[1]))
