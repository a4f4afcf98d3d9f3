"""What all pages share: the top with who is signed in, the language, and how a mistake looks.

No page carries a script or a style of its own, so that a strict policy can forbid both.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final, TypeVar

import jinja2
from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse
from markupsafe import Markup
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gisgrid.database import session_scope
from gisgrid.errors import GisgridError, TooOften, status_of
from gisgrid.incidents.calendar.stored import known_years, missing_years, warning_of
from gisgrid.incidents.emergencies.present import calls_to
from gisgrid.incidents.search import INCIDENT, waiting
from gisgrid.pages.called import Both, Called, Choice
from gisgrid.pages.language import Say, full_width, language_of, sentence, speaking
from gisgrid.patrols.alarms.calls import open_alarms
from gisgrid.patrols.doubts.objections import unanswered
from gisgrid.patrols.doubts.review import quarantined
from gisgrid.patrols.plans.present import open_gaps
from gisgrid.publications.own import unread_count
from gisgrid.sight import Sight, seeing, visible
from gisgrid.staff.caller import NOBODY, Caller, sight_for
from gisgrid.staff.opening import is_demonstration
from gisgrid.staff.tables import Appointment, Person
from gisgrid.tls.served import Served, warning

FOLDER: Final = Path(__file__).parent
ENGINE: Final = jinja2.Environment(
    loader=jinja2.FileSystemLoader(FOLDER / "templates"),
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
    undefined=jinja2.StrictUndefined,
)
ENGINE.filters |= {"full_width": full_width, "sentence": sentence}

HTML: Final[dict[str, Any]] = {"text/html": {"schema": {"type": "string"}}}
MISTAKE: Final[dict[str, Any]] = {
    "description": "a mistake, in words: a page for browsers, a Problem for programs",
    "content": {**HTML, "application/json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
}
PAGES: Final[dict[int | str, dict[str, Any]]] = {
    303: {"description": "done, or to be found elsewhere"},
    "4XX": MISTAKE,
    503: MISTAKE,
}
"""What the routes of pages answer with besides the page."""

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Account:
    """Who is signed in, as the top of a page says it. `others`: whom a demonstration lets one try.

    `unanswered`: how many of the objections in their cells wait for a reply; `gaps`: how many gaps there are open;
    `doubted`: how many fixes are quarantined; `alarms`: how many calls for help nobody has acknowledged; `unread`: how
    many publications for them they have not read; `incidents`: how many incidents wait for them. `calendar_years`:
    whose holidays are known, None for whoever is not told. `calls`: the emergencies to which they were
    called and have not acknowledged.
    """

    caller: Caller = NOBODY
    full_name: str = ""
    roles: tuple[Both, ...] = ()
    others: tuple[Choice, ...] = ()
    unanswered: int = 0
    gaps: int = 0
    doubted: int = 0
    alarms: int = 0
    unread: int = 0
    incidents: int = 0
    calendar_years: frozenset[int] | None = None
    calls: tuple[dict[str, Any], ...] = ()


def account_of(session: Session, caller: Caller) -> Account:
    """Look up what the top of a page says of a caller."""
    if caller.kind != "person":
        caller = replace(caller, is_demonstration=is_demonstration(session))
        return Account(caller, roles=(Called(session).cell(caller.cell_code),) if caller.cell_code else ())
    called = Called(session)
    full_name = session.scalar(select(Person.full_name).where(Person.id == caller.person)) or ""
    others = _others(session, called) if caller.is_demonstration else ()
    posts = tuple(called.post(role) for role in caller.roles)
    years = known_years(session) if caller.may("plan") or caller.may("manage") else None
    counts = {"unread": _unread(session, caller), "incidents": incidents_waiting(session, caller)}
    calls = tuple(calls_to(session, caller.person)) if caller.person else ()
    return Account(
        caller, full_name, posts, others, *_waiting(session, caller), **counts, calendar_years=years, calls=calls
    )


def _unread(session: Session, caller: Caller) -> int:
    with seeing(session, Sight(person=caller.person)):
        return unread_count(session, caller.person or 0)


def incidents_waiting(session: Session, caller: Caller) -> int:
    """Count the incidents that wait for somebody: theirs to file, to handle or to check, on whatever page they are."""
    if not (caller.may("incidents") or caller.may("report")):
        return 0
    with seeing(session, sight_for(session, caller, "incidents")):
        its = (visible(session, INCIDENT), waiting(session, caller))
        return session.scalar(select(func.count()).select_from(INCIDENT).where(*its)) or 0


def _waiting(session: Session, caller: Caller) -> tuple[int, int, int, int]:
    """Count what waits for staff: by what is seen on the pages of each, not by what is seen on this page."""
    if not caller.may("tracks"):
        return 0, 0, 0, 0
    with seeing(session, sight_for(session, caller, "tracks")):
        return unanswered(session), open_gaps(session), quarantined(session), open_alarms(session)


def _others(session: Session, called: Called) -> tuple[Choice, ...]:
    """Return whom one may play: their names are Chinese, so in English their role comes first."""
    asked = select(Person.id, func.coalesce(func.nullif(Person.full_name, ""), Person.name), Appointment.role)
    playing = asked.outerjoin(Appointment, Appointment.person_id == Person.id)
    rows = session.execute(playing.where(Person.is_demonstration, Person.is_active).order_by(Person.id))
    found = {number: (name, called.roles.get(role)) for number, name, role in rows}
    return tuple(
        Choice(str(number), Both(name, f"{sentence(role.en)} · {name}" if role else name))
        for number, (name, role) in found.items()
    )


def home_of(caller: Caller) -> str:
    """Return the page on which somebody's work begins: the map, else the audit, else their own."""
    if caller.kind != "person" or caller.may("grid"):
        return "/"
    return "/audit" if caller.may("audit") else "/me"


def caller_of_page(request: Request) -> Caller:
    """Return who asks, if that was looked at: nobody on open pages, and where something went wrong before."""
    caller: Caller = getattr(request.state, "caller", NOBODY)
    return caller


def page(
    request: Request,
    template: str,
    *,
    status: int = HTTPStatus.OK,
    error: GisgridError | None = None,
    account: Account | None = None,
    **values: Any,
) -> HTMLResponse:
    """Return a page. With an error it says so at its top, and answers with the error's status."""
    if account is None:
        with session_scope(request.app.state.engine) as session:
            account = account_of(session, caller_of_page(request))
    here = values.get("here", request.scope["path"])
    query = request.scope["query_string"].decode("latin-1")
    again = f"{here}?{query}" if request.method == "GET" and query else here
    words = {**said(request), "here": here, "again": again, "account": account, "error": error}
    words |= {"home": home_of(account.caller), "warned": _warned(request, account)}
    answer = HTMLResponse(ENGINE.get_template(template).render(words | values), int(status))
    if error is not None:
        answer.status_code = status_of(error)
    if isinstance(error, TooOften):
        answer.headers["Retry-After"] = str(error.retry_after_s)
    return answer


def _warned(request: Request, account: Account) -> list[Both]:
    """Return what whoever answers for the service should see to: a certificate about to end, a year's holidays."""
    now = datetime.now(UTC)
    certificate: Served | None = request.app.state.certificate
    warnings = [warning(certificate, now)] if certificate and account.caller.may("manage") else []
    if account.calendar_years is not None:
        today = now.astimezone(request.app.state.settings.zone).date()
        warnings.append(warning_of(missing_years(account.calendar_years, today)))
    return [Both(*each) for each in warnings if each]


def said(request: Request) -> dict[str, Any]:
    """Return what every template speaks with: its language, `say`, and `both` where scripts change the language."""
    language = language_of(request)
    say = speaking(language)
    return {"language": language, "say": say, "both": _both(say), "zone": request.app.state.settings.zone}


def _both(say: Say) -> Callable[[str, str], Markup]:
    return lambda zh, en: Markup('<span data-zh="{}" data-en="{}">{}</span>').format(zh, en, say(zh, en))


def problem_page(request: Request, status: int, code: str, description: str) -> HTMLResponse:
    """Return the page that tells of a mistake. Where the fault is ours, it asks the database for nothing."""
    zh, _, en = description.partition(" / ")
    account = Account(caller_of_page(request)) if status >= HTTPStatus.INTERNAL_SERVER_ERROR else None
    values: dict[str, Any] = {"problem_code": code, "zh": zh, "en": en, "status_code": int(status)}
    return page(request, "problem.html", status=status, account=account, **values)


def wants_page(request: Request) -> bool:
    """Tell whether a mistake is to be told as a page: to a browser that goes to one, not to a program."""
    return not request.scope["path"].startswith("/api/") and "text/html" in request.headers.get("accept", "")


def see_other(place: str) -> RedirectResponse:
    """Send a browser on, with GET."""
    return RedirectResponse(place, int(HTTPStatus.SEE_OTHER))


def written(request: Request, act: Callable[[Session], Result]) -> Result | GisgridError:
    """Do an act in a transaction of its own; a mistake, after which nothing is changed, is returned to be shown."""
    try:
        with session_scope(request.app.state.engine, write=True, sight=request.state.sight) as session:
            return act(session)
    except GisgridError as error:
        return error
