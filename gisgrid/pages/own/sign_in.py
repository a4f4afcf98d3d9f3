"""Coming in and going out: by password, by a one-time link, through the office's provider; playing a demonstration."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from gisgrid.database import session_scope
from gisgrid.errors import GisgridError
from gisgrid.pages.forms import Line, Sender, Words, local
from gisgrid.pages.frame import PAGES, home_of, page, see_other
from gisgrid.pages.language import Language, remember
from gisgrid.settings import Settings
from gisgrid.staff.caller import Caller, roles_of
from gisgrid.staff.connection import PlainHttp, cookie, drop_cookie, peer, require_private, set_cookie
from gisgrid.staff.oidc import begin, finish
from gisgrid.staff.passwords import PROFILES, WeakPassword
from gisgrid.staff.sign_in import Entry, PasswordOutworn, enter_as, enter_by_link, sign_in, sign_out
from gisgrid.staff.tables import Person
from gisgrid.staff.tokens import find

router = APIRouter(tags=["sign-in"], responses=PAGES, default_response_class=HTMLResponse)

Place = Annotated[str, Query(alias="next", max_length=2000)]
PlaceSent = Annotated[str, Form(alias="next", max_length=2000)]
Answered = Annotated[str, Query(max_length=4000)]

LINK = "/enter"
"""Where one-time links lead, see `staff.devices.link_url`."""


@router.get("/sign-in")
def get_sign_in(request: Request, place: Place = "") -> HTMLResponse:
    """Ask for name and password; on a connection that others can read, say why not."""
    return _sign_in_page(request, place)


@router.post("/sign-in")
def post_sign_in(
    request: Request,
    name: Line = "",
    password: Words = "",
    new_password: Words = "",
    place: PlaceSent = "",
) -> Response:
    """Let in who knows the password."""
    settings: Settings = request.app.state.settings
    try:
        require_private(request)
        entry = sign_in(
            request.app.state.engine,
            settings,
            name,
            password,
            address=peer(request),
            browser=cookie(request, "browser"),
            old=cookie(request, "session"),
            new_password=new_password or None,
        )
    except GisgridError as error:
        return _sign_in_page(request, place, name, error)
    return _let_in(request, entry, place)


def _sign_in_page(request: Request, place: str, name: str = "", error: GisgridError | None = None) -> HTMLResponse:
    plain = _plain(request)
    settings: Settings = request.app.state.settings
    values: dict[str, Any] = {
        "is_private": plain is None,
        "next": local(place),
        "name": name,
        "is_outworn": isinstance(error, PasswordOutworn | WeakPassword),
        "least": PROFILES[settings.password_profile].least,
        "has_provider": bool(settings.oidc_issuer),
    }
    return page(request, "own/sign_in.html", error=plain or error, **values)


def _plain(request: Request) -> PlainHttp | None:
    """Return why nobody signs in on a connection that others can read; None where they cannot."""
    try:
        require_private(request)
    except PlainHttp as plain:
        return plain
    return None


def _let_in(request: Request, entry: Entry, place: str) -> Response:
    """Give a browser its cookies and send it on."""
    with session_scope(request.app.state.engine) as session:
        entering = Caller("person", person=entry.person_id, roles=roles_of(session, entry.person_id))
    answer = see_other(local(place) or home_of(entering))
    set_cookie(request, answer, "session", entry.session.words)
    if entry.browser is not None:
        set_cookie(request, answer, "browser", entry.browser.words)
    return answer


# --- by a one-time link ----------------------------------------------------------------------------


@router.get(LINK)
def get_link(request: Request) -> HTMLResponse:
    """Ask whether to use a one-time link, so that no program that looks at links uses it up.

    Its words stand behind the # of the address and are sent in the body: they reach no log.
    """
    return _link_page(request)


def _link_page(request: Request, error: GisgridError | None = None) -> HTMLResponse:
    plain = _plain(request)
    return page(request, "own/enter.html", error=plain or error, is_private=plain is None)


@router.post(LINK)
def post_link(request: Request, words: Words = "") -> Response:
    """Let in who has a one-time link; who has no password yet is led to where one is set."""
    engine = request.app.state.engine
    try:
        require_private(request)
        known = {"browser": cookie(request, "browser"), "old": cookie(request, "session")}
        entry = enter_by_link(engine, words.strip(), address=peer(request), **known)
    except GisgridError as error:
        return _link_page(request, error)
    with session_scope(engine) as session:
        person = session.get(Person, entry.person_id)
        is_new = person is not None and person.password_hash is None and not person.is_demonstration
    return _let_in(request, entry, "/me/password" if is_new else "")


# --- through the office's provider -----------------------------------------------------------------


@router.get("/sign-in/oidc")
def get_provider(request: Request, place: Place = "") -> RedirectResponse:
    """Send a browser to the office's provider."""
    require_private(request)
    way = begin(request.app.state.engine, request.app.state.settings, local(place))
    answer = see_other(way.url)
    set_cookie(request, answer, "oidc", way.cookie)
    return answer


@router.get("/sign-in/oidc/back")
def get_back(request: Request, state: Answered = "", code: Answered = "") -> Response:
    """Let in whom the provider vouches for."""
    try:
        require_private(request)
        entry, place = finish(
            request.app.state.engine,
            request.app.state.settings,
            state=state,
            code=code,
            cookie=cookie(request, "oidc"),
            address=peer(request),
            browser=cookie(request, "browser"),
            old=cookie(request, "session"),
        )
    except GisgridError as error:
        answer: Response = _sign_in_page(request, "", error=error)
    else:
        answer = _let_in(request, entry, "" if place == "/" else place)
    drop_cookie(request, answer, "oidc")
    return answer


# --- out, and as somebody else ---------------------------------------------------------------------


@router.post("/sign-out")
def post_sign_out(request: Request) -> RedirectResponse:
    """End the browser's session, if it has one."""
    shown = cookie(request, "session")
    with session_scope(request.app.state.engine, write=True) as session:
        token = find(session, shown, "session") if shown else None
        if token is not None:
            sign_out(session, token.id)
    answer = see_other("/sign-in")
    drop_cookie(request, answer, "session")
    return answer


@router.post("/demonstration")
def post_demonstration(request: Request, caller: Sender, person: Annotated[int, Form(ge=1, le=2**53)]) -> Response:
    """Go on as somebody else of the demonstration."""
    entry = enter_as(request.app.state.engine, caller.token or 0, person, address=peer(request))
    return _let_in(request, entry, "")


@router.post("/language")
def post_language(language: Annotated[Language, Form()], place: PlaceSent = "") -> RedirectResponse:
    """Remember the language in which a browser wants its pages."""
    answer = see_other(local(place) or "/")
    remember(answer, language)
    return answer
