"""Tokens: 256 random bits, shown once. The hash alone is kept, so that no copy of the database lets anybody in."""

import secrets
from collections.abc import Collection, Iterable
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Final, Literal, NamedTuple

import structlog
from sqlalchemy import ColumnElement, Engine, or_, select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from gisgrid.database import DatabaseUnreachable, session_scope
from gisgrid.errors import NotFound
from gisgrid.staff.tables import Token

Kind = Literal["session", "browser", "link", "oidc", "api", "device", "board"]

PREFIX: Final = "gg"
SHOWN: Final[dict[Kind, str]] = {"api": "key", "device": "device", "board": "board"}
"""What the words of a token begin with, so that a person, or a search for leaked secrets, knows what was found."""
LIFE: Final[dict[Kind, timedelta]] = {
    "session": timedelta(hours=12),
    "browser": timedelta(days=180),
    "link": timedelta(hours=24),
    "oidc": timedelta(minutes=10),
    "api": timedelta(days=90),
    "device": timedelta(days=90),
    "board": timedelta(days=365),
}
USED_EVERY: Final = timedelta(minutes=1)
"""How exact `last_used_at` is: not every request writes."""

log = structlog.get_logger()


class NoSuchToken(NotFound):
    """No token has that number, or it is revoked already."""


class Issued(NamedTuple):
    """A new token: its row, and its words, which nobody sees again."""

    row: Token
    words: str


def hashed(words: str) -> str:
    """Return what is kept of a token: the SHA-256 of its words, in hexadecimal."""
    return sha256(words.encode("utf-8", "surrogatepass")).hexdigest()


def issue(
    session: Session,
    kind: Kind,
    *,
    person_id: int | None = None,
    cell_code: str | None = None,
    name: str = "",
    life: timedelta | None = None,
) -> Issued:
    """Make a token of a kind; it lives as long as LIFE says, if nothing else is asked."""
    now = datetime.now(UTC)
    words = "_".join((PREFIX, SHOWN.get(kind, kind), secrets.token_urlsafe(32)))
    row = Token(
        kind=kind,
        hash=hashed(words),
        person_id=person_id,
        cell_code=cell_code,
        name=name,
        form_token=secrets.token_urlsafe(32) if kind in ("session", "device", "board") else "",
        created_at=now,
        expires_at=now + (life or LIFE[kind]),
    )
    session.add(row)
    session.flush()
    return Issued(row, words)


def find(session: Session, words: str, *kinds: Kind) -> Token | None:
    """Return the token of these words, if it is one of the kinds, not revoked and not out of date."""
    return find_all(session, [words], *kinds).get(words)


def find_all(session: Session, words: Iterable[str], *kinds: Kind) -> dict[str, Token]:
    """Return the tokens of some words, those of the kinds that are neither revoked nor out of date."""
    by_hash = {hashed(each): each for each in words}
    if not by_hash:
        return {}
    tokens = session.scalars(select(Token).where(Token.hash.in_(by_hash), Token.kind.in_(kinds), *_valid()))
    return {by_hash[token.hash]: token for token in tokens}


def find_row(session: Session, token_id: int) -> Token | None:
    """Return the token of a row, if it is not revoked and not out of date."""
    return session.scalar(select(Token).where(Token.id == token_id, *_valid()))


def _valid() -> tuple[ColumnElement[bool], ...]:
    return Token.revoked_at.is_(None), Token.expires_at > datetime.now(UTC)


def is_due(token: Token, now: datetime) -> bool:
    """Tell whether the use of a token is to be noted: it was not within the last minute."""
    return token.last_used_at is None or now - token.last_used_at >= USED_EVERY


def note_use(engine: Engine, token_id: int) -> None:
    """Note that a token is used now. Where nothing can be written, on a full disk say, what is only read goes on."""
    try:
        with session_scope(engine, write=True) as session:
            note_uses(session, [token_id])
    except (OperationalError, DatabaseUnreachable):
        log.warning("the use of a token is not noted", token=token_id)


def note_uses(session: Session, token_ids: Collection[int]) -> None:
    """Note that tokens are used now."""
    if token_ids:
        session.execute(update(Token).where(Token.id.in_(token_ids)).values(last_used_at=datetime.now(UTC)))


def revoke(session: Session, token_id: int) -> Token:
    """End a token. Raises NoSuchToken."""
    token = session.get(Token, token_id)
    if token is None or token.revoked_at is not None:
        raise NoSuchToken("没有这个令牌,或已被吊销", "there is no such token, or it is revoked already")
    token.revoked_at = datetime.now(UTC)
    session.flush()
    return token


def revoke_all(session: Session, person_id: int, *kinds: Kind) -> int:
    """End a person's tokens of some kinds, all kinds where none is named; return how many."""
    mine = [Token.person_id == person_id, Token.revoked_at.is_(None)]
    chosen = or_(*(Token.kind == kind for kind in kinds)) if kinds else Token.id.is_not(None)
    ended = session.execute(update(Token).where(*mine, chosen).values(revoked_at=datetime.now(UTC)).returning(Token.id))
    return len(ended.all())
