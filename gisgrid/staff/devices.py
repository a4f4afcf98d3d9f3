"""What is let in without a password: phones of a cell, screens on a wall, programs that act for a person."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from gisgrid.audit.record import Actor, record
from gisgrid.errors import Refused
from gisgrid.settings import Settings
from gisgrid.staff.appointments import require_cell
from gisgrid.staff.names import one_line
from gisgrid.staff.tables import Person, Token
from gisgrid.staff.tokens import Issued, Kind, NoSuchToken, issue, revoke

LONGEST: Final = 60
MOST_DAYS: Final = 366
DEVICE_PATH: Final = "/device"
LINK_PATH: Final = "/enter"
"""The pages that read what follows the # of their address."""


class BadDeviceName(Refused):
    """A name that would not tell one device or key from another."""


class BadDays(Refused):
    """A key or device that would never end, or has ended already."""


class KeyForNobody(Refused):
    """A key would act for somebody who may not come in."""


def add_device(session: Session, actor: Actor, name: str, cell_code: str, days: int = 90) -> Issued:
    """Make the token of a phone that belongs to a cell. Raises BadDeviceName, BadDays, UnknownCell."""
    require_cell(session, cell_code)
    return _issued(session, actor, "device", name, cell_code=cell_code, life=_life(days))


def add_board(session: Session, actor: Actor, name: str, cell_code: str | None = None) -> Issued:
    """Make the token of a screen that shows figures of a cell, None is all. Raises BadDeviceName, UnknownCell."""
    if cell_code is not None:
        require_cell(session, cell_code)
    return _issued(session, actor, "board", name, cell_code=cell_code)


def add_key(session: Session, actor: Actor, person: Person, name: str, days: int = 90) -> Issued:
    """Make a key with which a program acts for a person. Raises BadDeviceName, BadDays, KeyForNobody."""
    life = _life(days)
    if not person.is_active:
        raise KeyForNobody("此人已停用,不能发放密钥", "the person is switched off and gets no key")
    return _issued(session, actor, "api", name, person=person, life=life)


def _life(days: int) -> timedelta:
    """Return how long a token is good for. Raises BadDays."""
    if not 1 <= days <= MOST_DAYS:
        raise BadDays(f"有效期为 1 至 {MOST_DAYS} 天", f"a token is good for 1 to {MOST_DAYS} days")
    return timedelta(days=days)


def _issued(
    session: Session,
    actor: Actor,
    kind: Kind,
    name: str,
    *,
    cell_code: str | None = None,
    person: Person | None = None,
    life: timedelta | None = None,
) -> Issued:
    plain = one_line(name, 1, LONGEST)
    if plain is None:
        raise BadDeviceName(f"名称应为一行,1 至 {LONGEST} 个字", f"a name is one line of 1 to {LONGEST} characters")
    person_id = None if person is None else person.id
    token = issue(session, kind, person_id=person_id, cell_code=cell_code, name=plain, life=life)
    record(session, actor, "token.issued", ("token", token.row.id), kind=kind, cell=cell_code, person=person_id)
    return token


def tokens_of(session: Session, *kinds: Kind, person_id: int | None = None) -> Sequence[Token]:
    """Return the tokens of some kinds that are not revoked, those out of date included; of one person, if asked."""
    asked = select(Token).where(Token.kind.in_(kinds), Token.revoked_at.is_(None)).order_by(Token.id)
    return session.scalars(asked if person_id is None else asked.where(Token.person_id == person_id)).all()


def revoke_token(session: Session, actor: Actor, token_id: int, *kinds: Kind) -> Token:
    """End a token of one of the kinds; with the next request it lets nobody in. Raises NoSuchToken."""
    token = session.get(Token, token_id)
    if token is None or token.kind not in kinds:
        raise NoSuchToken("没有这个编号的令牌", "there is no such token of that number")
    revoke(session, token_id)
    record(session, actor, "token.revoked", ("token", token_id), kind=token.kind, person=token.person_id)
    return token


def device_url(settings: Settings, words: str) -> str:
    """Return the address that makes a browser a device or board. What follows the # reaches no server and no log."""
    return f"{settings.origin}{DEVICE_PATH}#{words}"


def link_url(settings: Settings, words: str) -> str:
    """Return the address of a one-time link, its words behind the # as well."""
    return f"{settings.origin}{LINK_PATH}#{words}"
