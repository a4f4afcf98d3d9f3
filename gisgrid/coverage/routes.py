"""The coverage report over HTTP: the object itself or a table, and, while it is measured, how far it has come."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import StreamingResponse
from sqlalchemy import Engine
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool

from gisgrid.coverage.asking import MOST_PEOPLE, Whom, asked_group
from gisgrid.coverage.days.find import Progress, silent
from gisgrid.coverage.group import Group
from gisgrid.coverage.heat import as_squares, squares_seen
from gisgrid.coverage.public import for_public, public_period, squares_for_public
from gisgrid.coverage.report import DAYS, LEVEL, Asked, coverage_report, last_grid, recent
from gisgrid.coverage.schemas import CoverageReport, SquaresSeen
from gisgrid.coverage.told.present import as_csv, as_geojson
from gisgrid.database import ReadSession, session_scope
from gisgrid.errors import GisgridError
from gisgrid.parameters import Period, PeriodQuery
from gisgrid.patrols.duty.shift_routes import actor_of
from gisgrid.patrols.reading import note_reading
from gisgrid.settings import Settings
from gisgrid.sight import Sight
from gisgrid.staff.caller import Asker
from gisgrid.tagged import tagged
from gisgrid.wire import NameQuery, PurposeQuery

router = APIRouter(prefix="/api/coverage", tags=["coverage"])

Form = Annotated[Literal["json", "geojson", "csv"], Query(alias="f")]
FORMS: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "content": {
            "application/json": {"schema": {"$ref": "#/components/schemas/CoverageReport"}},
            "application/geo+json": {},
            "text/csv": {"schema": {"type": "string"}},
        }
    },
    304: {"description": "it is as it was"},
}
EVENTS: Final[dict[int | str, dict[str, Any]]] = {
    200: {"description": "server-sent events", "content": {"text/event-stream": {"schema": {"type": "string"}}}}
}


class Events(StreamingResponse):
    """Server-sent events."""

    media_type = "text/event-stream"


@dataclass(frozen=True, slots=True)
class Question:
    """What a report is asked for with, read and checked."""

    level: Asked
    period: Period
    parent: str | None
    group: Group | None
    is_compared: bool
    is_public: bool


PlanQuery = Annotated[int | None, Query(ge=1, le=2**53, description="number of a plan: the figures of its people")]
PeopleQuery = Annotated[
    list[Annotated[str, Query(max_length=100)]],
    Query(max_length=MOST_PEOPLE, description="names by which patrollers are known; needs a purpose"),
]


def asked_question(
    request: Request,
    session: ReadSession,
    caller: Asker,
    period: PeriodQuery = None,
    level: Asked = LEVEL,
    parent: NameQuery = None,
    plan: PlanQuery = None,
    people: PeopleQuery = [],  # noqa: B006 - FastAPI makes a new one each time
    patrol: NameQuery = None,
    purpose: PurposeQuery = None,
    compare: bool = False,
) -> Question:
    """Read what is asked for; note whose figures somebody looks at who has a purpose."""
    settings: Settings = request.app.state.settings
    is_public = caller.kind == "public"
    asked = public_period(period, settings) if is_public else period or recent(DAYS, settings)
    group = asked_group(session, caller, Whom(plan, people, patrol, purpose))
    if people:
        with session_scope(request.app.state.engine, write=True) as recording:  # before the answer goes out
            note_reading(recording, actor_of(caller), people, purpose or "", but=caller.person)
    return Question(level, asked, parent, group, compare and not is_public, is_public)


AskedQuestion = Annotated[Question, Depends(asked_question, scope="function")]


@router.get("", response_model=CoverageReport, responses=FORMS)
def get_coverage(request: Request, session: ReadSession, asked: AskedQuestion, form: Form = "json") -> Response:
    """Report how much of each cell of a level, or of `all`, was seen in a period (the last 30 days if none is given).

    `parent` shows only the cells below that one, at any height; `compare` adds the period before. Figures of a group:
    of the people of a `plan`, or of named `people`, of whom one may name a `patrol`: for those who may see tracks, and
    who say for what `purpose`. Whoever is not signed in sees the 30 days up to yesterday, without counts below five.
    The answer has an ETag: asked again with If-None-Match, it is 304 as long as nothing has changed.
    """
    settings: Settings = request.app.state.settings
    report = _report(session, settings, asked)
    if form == "geojson":
        shapes = last_grid(session, asked.period, settings).cells.set_index("code").geometry.to_dict()
        return tagged(request, as_geojson(report, shapes), "application/geo+json")
    if form == "csv":
        named = {"Content-Disposition": f'attachment; filename="coverage-{asked.level}.csv"'}
        return tagged(request, as_csv(report), "text/csv; charset=utf-8", named)
    return tagged(request, report.model_dump_json().encode(), "application/json")


@router.get("/events", response_class=Events, responses=EVENTS)
async def get_coverage_events(request: Request, asked: AskedQuestion) -> Events:
    """Measure a report, and stream how far it has come: `progress` with `done` and `of` (days), then `report`.

    What is asked for as in `/api/coverage`; where it cannot be made, the last event is `problem`.
    """
    content = _events(request.app.state.engine, request.app.state.settings, request.state.sight, asked)
    return Events(content, headers={"X-Accel-Buffering": "no"})  # no proxy is to hold events back


@router.get("/squares", response_model=SquaresSeen, responses={304: FORMS[304]})
def get_coverage_squares(request: Request, session: ReadSession, caller: Asker, period: PeriodQuery = None) -> Response:
    """Tell on how many days each unit square in the caller's cells was seen, in a week or more (else the last 30 days).

    More than 10,000 squares are told as blocks of 500 m. Whoever is not signed in sees the 30 days up to yesterday, and
    squares seen on five days or more. The answer has an ETag.
    """
    settings: Settings = request.app.state.settings
    is_public = caller.kind == "public"
    asked = public_period(period, settings) if is_public else period or recent(DAYS, settings)
    seen = squares_seen(session, settings, asked)
    told = as_squares(squares_for_public(seen) if is_public else seen)
    return tagged(request, told.model_dump_json().encode(), "application/json")


def _report(session: Session, settings: Settings, asked: Question, progress: Progress = silent) -> CoverageReport:
    report = coverage_report(
        session,
        settings,
        level=asked.level,
        period=asked.period,
        parent=asked.parent,
        group=asked.group,
        is_compared=asked.is_compared,
        progress=progress,
    )
    return for_public(report) if asked.is_public else report


async def _events(engine: Engine, settings: Settings, sight: Sight, asked: Question) -> AsyncIterator[str]:
    news: asyncio.Queue[tuple[str, str]] = asyncio.Queue()
    loop = asyncio.get_running_loop()

    def tell(name: str, data: str) -> None:
        loop.call_soon_threadsafe(news.put_nowait, (name, data))

    def measure() -> None:
        try:
            with session_scope(engine, sight=sight) as session:  # that of the request is closed when a stream runs
                report = _report(session, settings, asked, lambda done, of: tell("progress", _json(done=done, of=of)))
            tell("report", report.model_dump_json())
        except GisgridError as error:
            tell("problem", _json(code=error.code, description=error.description))
        finally:
            tell("end", "{}")

    measuring = asyncio.ensure_future(run_in_threadpool(measure))
    while True:
        name, data = await news.get()
        if name == "end":
            await measuring  # raises what went wrong
            return
        yield f"event: {name}\ndata: {data}\n\n"


def _json(**told: Any) -> str:
    return json.dumps(told, ensure_ascii=False)
