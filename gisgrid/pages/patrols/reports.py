"""Ready reports of what was patrolled: chosen, read on the screen, taken along as a file; and one's own month."""

from datetime import UTC, date, datetime
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response
from sqlalchemy.orm import Session

from gisgrid.coverage.occasions.define import OCCASIONS
from gisgrid.coverage.occasions.make import Asked, Told, hand_out, made, occasion_of, paper_told, record_issue, told_of
from gisgrid.coverage.told.documents import DocumentForm
from gisgrid.coverage.told.next_steps import next_steps
from gisgrid.coverage.told.words import in_words
from gisgrid.database import session_scope
from gisgrid.documents.chinese import as_set
from gisgrid.errors import Forbidden, GisgridError
from gisgrid.incidents.exchange.routes import download
from gisgrid.pages.called import Both, Choice
from gisgrid.pages.forms import actor_of
from gisgrid.pages.frame import PAGES, account_of, page
from gisgrid.parameters import Page, parse_day
from gisgrid.patrols.plans.present import plans_page
from gisgrid.settings import Settings
from gisgrid.sight import seeing
from gisgrid.staff.caller import Asker, Caller, sight_for

router = APIRouter(prefix="/reports", tags=["coverage"], responses=PAGES)

FORMS: Final[dict[DocumentForm, Both]] = {
    "pdf": Both("PDF", "PDF"),
    "html": Both("网页", "page"),
    "xlsx": Both("工作簿 XLSX", "workbook XLSX"),
    "csv": Both("文本表 CSV", "text CSV"),
    "gpkg": Both("GeoPackage", "GeoPackage"),
    "geojson": Both("GeoJSON", "GeoJSON"),
    "parquet": Both("GeoParquet", "GeoParquet"),
    "kml": Both("KML", "KML"),
}
FILE: Final[dict[int | str, dict[str, Any]]] = {
    **PAGES,
    200: {"content": {"*/*": {"schema": {"type": "string", "format": "binary"}}}},
}
MOST_PLANS: Final = 1000

Text = Annotated[str, Query(max_length=20)]
Number = Annotated[int | None, Query(ge=1, le=2**53)]


class ForStaff(Forbidden):
    """A report is handed to people, who answer for it, and to no screen on a wall."""


@router.get("", response_class=HTMLResponse)
def get_reports(
    request: Request, caller: Asker, occasion: Text = "", day: Text = "", plan: Number = None, plain: Text = ""
) -> HTMLResponse:
    """Show which reports there are; with an occasion, its report."""
    _require_person(caller)
    told, error = None, None
    if occasion:
        try:
            told = _told(request, caller, occasion, day, plan)
        except GisgridError as mistake:
            error = mistake
    chosen = {"occasion": occasion, "day": day or f"{_today(request)}", "plan": f"{plan or ''}", "plain": plain}
    with session_scope(request.app.state.engine, sight=request.state.sight) as session:
        values: dict[str, Any] = {"account": account_of(session, caller), "operations": _operations(session, caller)}
    shown = None if told is None else _shown(told)
    occasions = [Choice(each.name, Both(*each.called)) for each in OCCASIONS.values()]
    values |= {"occasions": occasions, "forms": FORMS, "as_set": as_set, "chosen": chosen, "shown": shown}
    return page(request, "patrols/reports.html", error=error, here="/reports", **values)


@router.get("/file", response_class=Response, responses=FILE)
def get_report_file(
    request: Request,
    caller: Asker,
    occasion: Text,
    form: DocumentForm = "pdf",
    day: Text = "",
    plan: Number = None,
    plain: Text = "",
) -> Response:
    """Hand out a report as a file, which is recorded before it goes out."""
    _require_person(caller)
    told = _told(request, caller, occasion, day, plan)
    file = made(told, form, is_plain=bool(plain))
    with session_scope(request.app.state.engine, write=True, sight=request.state.sight) as session:
        hand_out(session, told, datetime.now(UTC))
        record_issue(session, actor_of(caller), told, [form])
    return download(file.content, file.media_type, file.name)


def _require_person(caller: Caller) -> None:
    if caller.kind != "person":
        raise ForStaff("报告只提供给已登录的人员", "reports are for people who are signed in")


def _today(request: Request) -> date:
    settings: Settings = request.app.state.settings
    return datetime.now(settings.zone).date()


def _told(request: Request, caller: Caller, occasion: str, day: str, plan: int | None) -> Told:
    asked = Asked(occasion_of(occasion), parse_day(day) if day else _today(request), plan)
    with session_scope(request.app.state.engine, sight=request.state.sight) as session:
        return told_of(session, request.app.state.settings, asked, datetime.now(UTC), caller)


def _operations(session: Session, caller: Caller) -> list[Choice]:
    """Return the special operations that whoever asks may see, the newest first."""
    with seeing(session, sight_for(session, caller, "tracks")):
        plans = plans_page(session, Page(MOST_PLANS, 0))[1]
    named = [(each.id, f"{each.name} {each.first_day} – {each.last_day or ''}") for each in plans if each.is_operation]
    return [Choice(str(number), Both(name, name)) for number, name in named]


def _shown(told: Told) -> dict[str, Any]:
    """Return the paper of a report, and its words in English."""
    report, extras = told.report, told.extras
    problems = extras.problems_of(report)
    parts = (
        ("Summary", in_words(report, extras.place, extras.period_of(report))),
        ("Problems", [each.told for each in problems]),
        ("Next steps", next_steps(problems)),
    )
    english = [(title, [each.en for each in notes]) for title, notes in parts if notes]
    return {"paper": paper_told(told, is_plain=True), "english": english, "kind": lambda part: type(part).__name__}
