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
from gisgrid.pages.called import Both, Called, Choice
from gisgrid.pages.language import Say, full_width, language_of, sentence, speaking
from gisgrid.patrols.alarms.calls import open_alarms
from gisgrid.patrols.doubts.objections import unanswered
from gisgrid.patrols.doubts.review import quarantined
from gisgrid.patrols.plans.present import open_gaps
from gisgrid.sight import seeing
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
    `doubted`: how many fixes are quarantined; `alarms`: how many calls for help nobody has acknowledged.
    """

    caller: Caller = NOBODY
    full_name: str = ""
    roles: tuple[Both, ...] = ()
    others: tuple[Choice, ...] = ()
    unanswered: int = 0
    gaps: int = 0
    doubted: int = 0
    alarms: int = 0


def account_of(session: Session, caller: Caller) -> Account:
    """Look up what the top of a page says of a caller."""
    if caller.kind != "person":
        caller = replace(caller, is_demonstration=is_demonstration(session))
        return Account(caller, roles=(Called(session).cell(caller.cell_code),) if caller.cell_code else ())
    called = Called(session)
    full_name = session.scalar(select(Person.full_name).where(Person.id == caller.person)) or ""
    others = _others(session, called) if caller.is_demonstration else ()
    posts = tuple(called.post(role) for role in caller.roles)
    return Account(caller, full_name, posts, others, *_waiting(session, caller))


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
    words |= {"home": home_of(account.caller), "warned": _warned(request, account.caller)}
    answer = HTMLResponse(ENGINE.get_template(template).render(words | values), int(status))
    if error is not None:
        answer.status_code = status_of(error)
    if isinstance(error, TooOften):
        answer.headers["Retry-After"] = str(error.retry_after_s)
    return answer


def _warned(request: Request, caller: Caller) -> Both | None:
    """Return what whoever runs the service should see to: a certificate that is about to end."""
    certificate: Served | None = request.app.state.certificate
    told = warning(certificate, datetime.now(UTC)) if certificate and caller.may("manage") else None
    return Both(*told) if told else None


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
