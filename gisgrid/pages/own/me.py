"""One's own page: who I am here, my password and PIN, my keys, and everywhere I am signed in."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import HTMLResponse, Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from gisgrid.audit.record import record
from gisgrid.database import session_scope
from gisgrid.errors import GisgridError, Refused
from gisgrid.pages.called import Both
from gisgrid.pages.forms import Line, RowId, Sender, Words, actor_of
from gisgrid.pages.frame import PAGES, account_of, page, see_other, written
from gisgrid.settings import Settings
from gisgrid.staff.caller import Asker, Caller
from gisgrid.staff.connection import drop_cookie, peer
from gisgrid.staff.credentials import change_password, set_pin
from gisgrid.staff.devices import MOST_DAYS, add_key, revoke_token, tokens_of
from gisgrid.staff.passwords import PROFILES
from gisgrid.staff.people import person_of
from gisgrid.staff.tables import Skill, Token
from gisgrid.staff.tokens import Issued, NoSuchToken, revoke_all

router = APIRouter(prefix="/me", tags=["me"], responses=PAGES, default_response_class=HTMLResponse)

Done = Annotated[str, Query(max_length=20)]

DONE = {
    "first_password": Both("口令已设置", "the password is set"),
    "password": Both("口令已更改，其他地方的登录已全部退出", "the password is changed; other sessions are signed out"),
    "pin": Both("PIN 码已设置", "the PIN is set"),
    "revoked": Both("密钥已吊销", "the key is revoked"),
}


class PasswordsDiffer(Refused):
    """What was typed the second time is not what was typed the first time."""


@router.get("")
def get_me(request: Request, caller: Asker, done: Done = "") -> HTMLResponse:
    """Show who is signed in, and what is theirs to change."""
    return _me_page(request, caller, done=DONE.get(done))


def _me_page(
    request: Request,
    caller: Caller,
    *,
    error: GisgridError | None = None,
    done: Both | None = None,
    key: Issued | None = None,
) -> HTMLResponse:
    with session_scope(request.app.state.engine, sight=request.state.sight) as session:
        person = person_of(session, caller.person or 0)
        values: dict[str, Any] = {
            "account": account_of(session, caller),
            "skills": session.scalars(select(Skill.tag).where(Skill.person_id == person.id).order_by(Skill.tag)).all(),
            "person": person,
            "keys": tokens_of(session, "api", person_id=person.id),
        }
    return page(request, "own/me.html", error=error, done=done, key=key, most_days=MOST_DAYS, **values)


# --- password and PIN ------------------------------------------------------------------------------


@router.get("/password")
def get_password(request: Request, caller: Asker) -> HTMLResponse:
    """Ask for a new password."""
    return _password_page(request, caller)


@router.post("/password")
def post_password(request: Request, caller: Sender, old: Words = "", new: Words = "", again: Words = "") -> Response:
    """Change one's own password; who came by a one-time link need not know the old one."""
    state = request.app.state
    try:
        if new != again:
            raise PasswordsDiffer("两次输入的新口令不一样", "the two new passwords are not the same")
        is_first = change_password(state.engine, state.settings, caller.token or 0, old, new, address=peer(request))
    except GisgridError as error:
        return _password_page(request, caller, error)
    return see_other(f"/me?done={'first_password' if is_first else 'password'}")


def _password_page(request: Request, caller: Caller, error: GisgridError | None = None) -> HTMLResponse:
    settings: Settings = request.app.state.settings
    with session_scope(request.app.state.engine) as session:
        by = session.scalar(select(Token.name).where(Token.id == caller.token))
        account = account_of(session, caller)
    profile = PROFILES[settings.password_profile]
    return page(request, "own/password.html", error=error, account=account, by=by, profile=profile)


@router.post("/pin")
def post_pin(request: Request, caller: Sender, pin: Words = "") -> Response:
    """Set the PIN with which one signs on to a shared phone."""

    def setting(session: Session) -> None:
        set_pin(session, actor_of(caller), person_of(session, caller.person or 0), pin)

    error = written(request, setting)
    return see_other("/me?done=pin") if error is None else _me_page(request, caller, error=error)


# --- keys and sessions -----------------------------------------------------------------------------


@router.post("/keys")
def post_key(
    request: Request, caller: Sender, name: Line = "", days: Annotated[int, Form(ge=1, le=MOST_DAYS)] = 90
) -> Response:
    """Make a key with which a program acts for oneself; its words are shown in this answer and never again."""

    def adding(session: Session) -> Issued:
        return add_key(session, actor_of(caller), person_of(session, caller.person or 0), name, days)

    made = written(request, adding)
    if isinstance(made, GisgridError):
        return _me_page(request, caller, error=made)
    return _me_page(request, caller, key=made)


@router.post("/keys/{token_id}/revoke")
def post_key_revoke(request: Request, caller: Sender, token_id: RowId) -> Response:
    """Revoke one of one's own keys."""

    def revoking(session: Session) -> None:
        token = session.get(Token, token_id)
        if token is None or token.person_id != caller.person:
            raise NoSuchToken("没有这个密钥", "there is no such key")
        revoke_token(session, actor_of(caller), token_id, "api")

    error = written(request, revoking)
    return see_other("/me?done=revoked") if error is None else _me_page(request, caller, error=error)


@router.post("/sign-out")
def post_sign_out_everywhere(request: Request, caller: Sender) -> Response:
    """End all of one's own sessions, this one too, and one's keys, and let every browser be a stranger again."""
    with session_scope(request.app.state.engine, write=True) as session:
        ended = revoke_all(session, caller.person or 0, "session", "browser", "link", "api")
        record(session, actor_of(caller), "sign_out.everywhere", ("person", caller.person or 0), tokens=ended)
    answer = see_other("/sign-in")
    drop_cookie(request, answer, "session")
    drop_cookie(request, answer, "browser")
    return answer
