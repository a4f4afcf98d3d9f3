"""The guard of every route: who asks, and whether they may. What they then see is a matter of `sight`."""

from typing import Final

from fastapi import Request
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from gisgrid.access import ACCESS, Need
from gisgrid.database import session_scope
from gisgrid.errors import Forbidden, Unproven
from gisgrid.incidents.open311.fields import ShownKey
from gisgrid.settings import Settings
from gisgrid.sight import NOTHING, Sight
from gisgrid.staff.caller import NOBODY, PUBLIC, Caller, caller_of, sight_for
from gisgrid.staff.connection import Cookie, cookie, peer, require_private
from gisgrid.staff.roles import Permission
from gisgrid.staff.throttle import note_failure, require_calm
from gisgrid.staff.tokens import Kind, note_use

BEARERS: Final[tuple[Kind, ...]] = ("api", "device", "board")
COOKIES: Final[dict[Cookie, tuple[Kind, ...]]] = {"session": ("session",), "device": ("device", "board")}
SAFE: Final = ("GET", "HEAD")


class SignInNeeded(Unproven):
    """Nobody is let in here without showing who they are."""


class NotForYou(Forbidden):
    """Whoever asks is known, and may not."""


class ForeignForm(Forbidden):
    """Something that changes was sent by a browser, but not from a page of ours."""


def guard(request: Request, key: ShownKey) -> None:
    """Find out who asks; let them in or say why not. Leaves `caller` and `sight` in the request's state.

    `key` is what a client of Open311 shows, who is no browser; None for all others. Raises SignInNeeded, NotForYou,
    ForeignForm, PlainHttp, TooOften.
    """
    need = ACCESS[f"{request.method} {request.scope['route'].path}"]
    if key is None:
        _require_own_page(request)
    caller = NOBODY if need == "open" else _caller(request, key)
    request.state.caller = caller  # also for the page that says no
    _require(caller, need)
    engine: Engine = request.app.state.engine
    with session_scope(engine) as session:
        request.state.sight = _sight(session, caller, need)


def _sight(session: Session, caller: Caller, need: Need) -> Sight:
    if need == "open":
        return NOTHING
    return Sight(person=caller.person) if need == "person" else sight_for(session, caller, _any_of(need)[0])


def _any_of(need: Permission | tuple[Permission, ...]) -> tuple[Permission, ...]:
    return need if isinstance(need, tuple) else (need,)


def _require(caller: Caller, need: Need) -> None:
    if need == "open" or (need == "person" and caller.kind == "person"):
        return
    if caller.kind == "nobody":
        raise SignInNeeded("请先登录,或在请求头中出示令牌", "sign in first, or show a token: Authorization: Bearer …")
    if need == "person" or not any(caller.may(permission) for permission in _any_of(need)):
        raise NotForYou(
            "您的角色不能做这件事;如有需要,请联系管理员", "your roles do not allow this; ask the administrator"
        )


def _caller(request: Request, key: str | None) -> Caller:
    """Return who asks, by the header `Authorization: Bearer` or by a cookie, and note that the token was used.

    A client of Open311 may show its key in the query or the form instead; no cookie lets it in.
    """
    scheme, _, words = request.headers.get("authorization", "").partition(" ")
    if scheme:
        return _by_bearer(request, words.strip() if scheme.lower() == "bearer" else "", *BEARERS)
    if key is not None:
        return _by_key(request, key)
    for name, kinds in COOKIES.items():
        shown = cookie(request, name)
        caller = _known(request, shown, *kinds) if shown else NOBODY
        if caller.kind != "nobody":
            return caller
    settings: Settings = request.app.state.settings
    return PUBLIC if settings.public_viewer else NOBODY


def _known(request: Request, words: str, *kinds: Kind) -> Caller:
    require_private(request)
    engine: Engine = request.app.state.engine
    with session_scope(engine) as session:
        caller = caller_of(session, words, *kinds)
    if caller.token is not None and caller.is_use_due:
        note_use(engine, caller.token)
    return caller


def _by_key(request: Request, key: str) -> Caller:
    if not key:
        raise SignInNeeded(
            "请出示 api_key;密钥由管理员发放", "show an api_key; the administrator gives them to applications"
        )
    return _by_bearer(request, key, "api")


def _by_bearer(request: Request, words: str, *kinds: Kind) -> Caller:
    caller = _known(request, words, *kinds)
    if caller.kind == "nobody":
        engine: Engine = request.app.state.engine
        key = f"bearer {peer(request)}"
        with session_scope(engine, write=True) as session:
            require_calm(session, key)
            note_failure(session, key)
        raise SignInNeeded("令牌无效、已过期或已被吊销", "the token is unknown, out of date or revoked")
    return caller


def _require_own_page(request: Request) -> None:
    """Check that a browser's request that changes something comes from a page of ours. Raises ForeignForm."""
    if request.method in SAFE or "authorization" in request.headers:
        return
    site = request.headers.get("sec-fetch-site")
    own = f"{request.scope['scheme']}://{request.headers.get('host', '')}"
    if site != "same-origin" and (site or request.headers.get("origin") != own):
        raise ForeignForm("请求不是从本系统的页面发出的", "the request was not sent from a page of this service")
