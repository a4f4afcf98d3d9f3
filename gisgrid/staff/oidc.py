"""Sign-in through an office's own OpenID Connect provider: the authorization code flow with PKCE, state and nonce.

Between its two requests a browser holds one random secret in its cookie, from which nonce and PKCE verifier come: they
are not stored, so that no copy of the database completes anybody's sign-in. The row of kind `oidc` works once. It has
the hash of the state, that of the cookie (`form_token`), so that nobody finishes what another browser began, and the
page to go on to (`name`).

A person is known by issuer and `sub`. The first time they are found by the name claim, among those who have an account
and no `sub` yet: whoever may choose that claim at the provider may choose the account. None is made here.
"""

import re
import secrets
from datetime import UTC, datetime
from typing import Final, NamedTuple

from sqlalchemy import Engine, delete, select
from sqlalchemy.orm import Session

from gisgrid.audit.record import PROGRAM, Actor, record
from gisgrid.database import session_scope
from gisgrid.settings import Settings
from gisgrid.staff.people import key_of
from gisgrid.staff.provider import Claimed, OidcRefused, Ties, claimed, refused, require_provider, way_to_provider
from gisgrid.staff.sign_in import Entry, enter
from gisgrid.staff.tables import Person, Token
from gisgrid.staff.throttle import note_failure, require_calm
from gisgrid.staff.tokens import hashed, issue

PATH: Final = re.compile(r"/(?![/\\])[^\\]{0,500}")
"""Of this host: `//x` and `/\\x` are another one to a browser."""


class NoAccountHere(OidcRefused):
    """The provider knows who it is, and nobody of theirs may come in here."""


class Redirect(NamedTuple):
    """Where to send a browser, and what its cookie `oidc` holds until it comes back."""

    url: str
    cookie: str


def begin(engine: Engine, settings: Settings, next_page: str) -> Redirect:
    """Begin a way to the provider and, within ten minutes, back. Not in a transaction.

    A page elsewhere than here is forgotten. Raises OidcOff, OidcUnavailable.
    """
    require_provider(settings)
    cookie = secrets.token_urlsafe(32)
    with session_scope(engine, write=True) as session:
        _clear_away(session)
        state = issue(session, "oidc", name=_here(next_page))
        state.row.form_token = hashed(cookie)
    return Redirect(way_to_provider(settings, state.words, Ties.of(cookie)), cookie)


def _clear_away(session: Session) -> None:
    """Forget what was begun and not finished in time, but for what another transaction is forgetting just now."""
    left = select(Token.id).where(Token.kind == "oidc", Token.expires_at <= datetime.now(UTC))
    session.execute(delete(Token).where(Token.id.in_(left.with_for_update(skip_locked=True))))


def _here(page: str) -> str:
    """Return the path of a page, or the first page for what a browser might take for an address elsewhere."""
    return page if PATH.fullmatch(page) and page.isprintable() else "/"


def finish(
    engine: Engine,
    settings: Settings,
    *,
    state: str,
    code: str,
    cookie: str | None,
    address: str,
    browser: str | None = None,
    old: str | None = None,
) -> tuple[Entry, str]:
    """Let in who came back from the provider; return the page to go on to as well. Not in a transaction.

    `code` is empty where the provider sent an error instead. `browser` and `old` are as in `sign_in`.
    Raises OidcOff, OidcUnavailable, OidcRefused, NoAccountHere, TooManyFailures.
    """
    require_provider(settings)
    key = f"oidc from {address}"
    with session_scope(engine, write=True) as session:
        require_calm(session, key)
        page = _take(session, state, cookie)
    if page is None or cookie is None:
        raise refused("state")
    try:
        who = claimed(settings, code, Ties.of(cookie))
        with session_scope(engine, write=True) as session:
            person_id = _person(session, who)
            return enter(session, person_id, "oidc", address=address, browser=browser, old=old), page
    except OidcRefused as error:
        with session_scope(engine, write=True) as session:
            note_failure(session, key)
            subject = None if error.person_id is None else ("person", error.person_id)
            record(session, PROGRAM, "sign_in.failed", subject, by="oidc", why=error.why, address=address)
        raise


def _take(session: Session, state: str, cookie: str | None) -> str | None:
    """Use up what a browser began, in one statement; return the page to go on to, None if it began nothing."""
    mine = (Token.kind == "oidc", Token.hash == hashed(state), Token.form_token == hashed(cookie or ""))
    taken = delete(Token).where(*mine, Token.expires_at > datetime.now(UTC)).returning(Token.name)
    return session.scalar(taken.execution_options(synchronize_session=False))


def _person(session: Session, who: Claimed) -> int:
    """Return whose account it is; the first time, link it. Raises NoAccountHere."""
    linked = select(Person).where(Person.oidc_subject == who.subject)
    called = select(Person).where(Person.name_key == key_of(who.name or "")).with_for_update()
    person = session.scalar(linked) or session.scalar(called)
    if person is None:
        raise _no_account("unknown")
    if not person.is_active:
        raise _no_account("switched off", person.id)
    if person.oidc_subject is None:
        person.oidc_subject = who.subject
        record(session, Actor("person", person.id), "person.linked", ("person", person.id), by="oidc")
    elif person.oidc_subject != who.subject:
        raise _no_account("another sub", person.id)
    return person.id


def _no_account(why: str, person_id: int | None = None) -> NoAccountHere:
    error = NoAccountHere(
        "这里没有与您的统一身份对应的账号,请联系管理员开通",
        "there is no account here for who you are at the identity provider: ask the administrator",
    )
    error.why, error.person_id = why, person_id
    return error
