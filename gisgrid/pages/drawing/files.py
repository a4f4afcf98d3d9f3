"""Generated maps to take along: files that open from disk. They are handed out, never shown by the service itself."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, Final

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from gisgrid.audit.record import record
from gisgrid.coverage.occasions.define import file_name
from gisgrid.coverage.public import public_period
from gisgrid.coverage.report import DAYS, LEVEL, recent
from gisgrid.database import ReadSession, session_scope
from gisgrid.grid.schemas import Level
from gisgrid.incidents.exchange.routes import download
from gisgrid.pages.drawing.spans import COMPARED_DAYS
from gisgrid.pages.forms import actor_of
from gisgrid.parameters import Period, PeriodQuery
from gisgrid.patrols.people import NoSuchPatroller, own_patroller
from gisgrid.patrols.reading import note_reading, require_purpose
from gisgrid.settings import Settings
from gisgrid.staff.caller import Asker, Caller
from gisgrid.wire import NameQuery, PurposeQuery

if TYPE_CHECKING:
    from gisgrid.maps.pages import GridMap

router = APIRouter(prefix="/maps", tags=["maps"])

FILE: Final[dict[int | str, dict[str, Any]]] = {200: {"content": {"text/html": {"schema": {"type": "string"}}}}}
LevelQuery = Annotated[Level, Query(description="the level shown on opening")]
BeforeQuery = Annotated[
    str | None, Query(max_length=200, description="the period to compare with, start/end; else that before")
]

# folium takes long to import: the service is ready before the first map is asked for


@router.get("/grid.html", response_class=Response, responses=FILE)
def get_grid_map(request: Request, session: ReadSession, caller: Asker) -> Response:
    """Hand out a map of the grid, its checkpoints and the patrollable area."""
    from gisgrid.pages.drawing.maps import grid_map  # noqa: PLC0415

    return _handed_out(request, caller, "grid", recent(1, _settings(request)), grid_map(session))


@router.get("/coverage.html", response_class=Response, responses=FILE)
def get_coverage_map(
    request: Request, session: ReadSession, caller: Asker, period: PeriodQuery = None, level: LevelQuery = LEVEL
) -> Response:
    """Hand out a map of coverage (of the last 30 days if no period is given), to be led through day by day.

    It tells of the cells that the caller answers for. Whoever is not signed in gets the 30 days up to yesterday alone.
    """
    from gisgrid.pages.drawing.figures import coverage_map  # noqa: PLC0415

    settings, asked = _settings(request), _period(request, caller, period)
    drawing = coverage_map(session, settings, asked, level, is_public=caller.kind == "public")
    return _handed_out(request, caller, "coverage", asked, drawing)


@router.get("/comparison.html", response_class=Response, responses=FILE)
def get_comparison_map(
    request: Request,
    session: ReadSession,
    caller: Asker,
    period: PeriodQuery = None,
    before: BeforeQuery = None,
    level: LevelQuery = LEVEL,
) -> Response:
    """Hand out two maps of coverage: of a period (the last 7 days if none is given), and the one before or another."""
    from gisgrid.pages.drawing.figures import comparison_map  # noqa: PLC0415

    settings, asked = _settings(request), _period(request, caller, period, COMPARED_DAYS)
    other = None if before is None else Period.parse(before.replace(" ", "+"), settings.zone)
    if caller.kind == "public":  # two periods of the public's would be two that differ
        public_period(other or asked.before(settings.zone, datetime.now(UTC)), settings)
    drawing = comparison_map(session, settings, asked, other, level, is_public=caller.kind == "public")
    return _handed_out(request, caller, "comparison", asked, drawing)


@router.get("/heat.html", response_class=Response, responses=FILE)
def get_heat_map(request: Request, session: ReadSession, caller: Asker, period: PeriodQuery = None) -> Response:
    """Hand out a map of the unit squares in the caller's cells, by the number of days on which each was seen."""
    from gisgrid.pages.drawing.figures import heat_map  # noqa: PLC0415

    asked = _period(request, caller, period)
    drawing = heat_map(session, _settings(request), asked, is_public=caller.kind == "public")
    return _handed_out(request, caller, "heat", asked, drawing)


@router.get("/incidents.html", response_class=Response, responses=FILE)
def get_incidents_map(request: Request, session: ReadSession, caller: Asker, period: PeriodQuery = None) -> Response:
    """Hand out a map of the incidents that the caller may see, without confidential ones and complaints."""
    from gisgrid.pages.drawing.maps import incidents_map  # noqa: PLC0415

    asked = _period(request, caller, period)
    return _handed_out(request, caller, "incidents", asked, incidents_map(session, _settings(request), asked))


@router.get("/track.html", response_class=Response, responses=FILE)
def get_track_map(
    request: Request,
    session: ReadSession,
    caller: Asker,
    period: PeriodQuery = None,
    patroller: NameQuery = None,
    purpose: PurposeQuery = None,
) -> Response:
    """Hand out a map of one's own tracks, or, for a `purpose` that is recorded, of another `patroller`'s."""
    from gisgrid.pages.drawing.maps import track_map  # noqa: PLC0415

    asked, whose = _period(request, caller, period), patroller or _own(session, caller)
    require_purpose(session, caller, whose, purpose)
    if caller.may("tracks"):  # that there is nothing to draw tells something, too
        with session_scope(request.app.state.engine, write=True) as recording:  # before the answer goes out
            note_reading(recording, actor_of(caller), [whose], purpose or "", but=caller.person)
    return _handed_out(request, caller, "track", asked, track_map(session, _settings(request), asked, whose))


def _settings(request: Request) -> Settings:
    settings: Settings = request.app.state.settings
    return settings


def _period(request: Request, caller: Caller, asked: Period | None, usual: int = DAYS) -> Period:
    settings = _settings(request)
    return public_period(asked, settings) if caller.kind == "public" else asked or recent(usual, settings)


def _own(session: Session, caller: Caller) -> str:
    own = own_patroller(session, caller.person or 0)
    if own is None:
        raise NoSuchPatroller(
            "您没有巡查记录;查看他人请写 patroller=编号", "you never patrolled; for another, give patroller="
        )
    return own.ref


def _handed_out(request: Request, caller: Caller, name: str, period: Period, drawing: "GridMap") -> Response:
    """Return a map as a file; that somebody took it along is on record first."""
    from gisgrid.maps.pages import page  # noqa: PLC0415

    if caller.kind == "person":
        with session_scope(request.app.state.engine, write=True) as session:
            record(session, actor_of(caller), "export.map", map=name, period=period.text)
    named = file_name(name, period, _settings(request).zone, "html")
    return download(page(drawing).encode(), "text/html; charset=utf-8", named)
