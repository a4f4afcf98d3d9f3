"""Signing in and out: by password, by a one-time link, on a shared phone by PIN.

Each way in makes a new session and ends the one the browser had. A browser in which somebody signed in before has a
counter of its own for them, so that strangers' guesses do not shut it out; and a link works whatever was guessed.
"""

from datetime import UTC, datetime
from typing import Literal, NamedTuple

from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session

from gisgrid.audit.record import PROGRAM, Actor, record
from gisgrid.database import session_scope
from gisgrid.errors import Conflict, Forbidden, Unproven
from gisgrid.settings import Settings
from gisgrid.staff.credentials import keep_password, new_hash
from gisgrid.staff.passwords import is_outworn
from gisgrid.staff.people import key_of
from gisgrid.staff.proof import failure, prove
from gisgrid.staff.tables import Person, Token
from gisgrid.staff.throttle import MANY, Limit, charge
from gisgrid.staff.tokens import Issued, find, hashed, issue, revoke, revoke_all

How = Literal["password", "link", "oidc", "demonstration"]
"""The way in; a session keeps it as its name."""


class PasswordOutworn(Unproven):
    """The password was right and has served its time: a new one comes with the next try."""


class LinkSpent(Unproven):
    """A one-time link that is unknown, used or out of date."""


class NotADemonstration(Forbidden):
    """Only people of the demonstration may be tried out."""


class SwitchedOff(Conflict):
    """A person who is switched off gets no way in."""


class Entry(NamedTuple):
    """What a browser gets that was let in; `browser` is None where it is known already."""

    session: Issued
    browser: Issued | None
    person_id: int


def sign_in(
    engine: Engine,
    settings: Settings,
    name: str,
    password: str,
    *,
    address: str,
    browser: str | None = None,
    old: str | None = None,
    new_password: str | None = None,
) -> Entry:
    """Let in who knows the password. Not in a transaction: failures are kept.

    `browser` and `old` are the words of the browser's token and of its session, if it shows any. A new password
    replaces the one that was right, as it must where that has served its time.
    Raises SignInFailed, TooManyFailures, PasswordOutworn, WeakPassword.
    """

    def limits(session: Session, person: Person | None) -> list[Limit]:
        known = find(session, browser, "browser") if browser and person else None
        if known is not None and person is not None and known.person_id == person.id:
            return [Limit(f"browser {known.id}")]
        return [Limit(f"name {key_of(name)}"), Limit(f"address {address}", MANY, is_shared=True)]

    person, renewed = prove(engine, PROGRAM, name, password, limits, by="password", address=address)
    if new_password is not None:
        renewed = new_hash(settings, person, new_password, password)
    elif is_outworn(person.password_set_at, settings.password_profile, datetime.now(UTC)):
        raise _outworn()
    with session_scope(engine, write=True) as session:
        same = _unchanged(session, person)
        if new_password is not None and renewed is not None:
            keep_password(session, Actor("person", same.id), same, renewed)
        elif renewed is not None:
            same.password_hash = renewed
        return enter(session, same.id, "password", address=address, browser=browser, old=old)


def _unchanged(session: Session, person: Person) -> Person:
    """Return a person who is as they were when the password was looked at. Raises SignInFailed."""
    asked = select(Person).where(Person.id == person.id, Person.is_active).with_for_update()
    same = session.scalar(asked.where(Person.password_hash == person.password_hash))
    if same is None:
        raise failure()
    return same


def _outworn() -> PasswordOutworn:
    return PasswordOutworn(
        "口令已满期限;请同时填写新口令再登录",
        "the password has served its time; sign in once more with a new one beside it",
    )


def enter(
    session: Session, person_id: int, how: How, *, address: str, browser: str | None = None, old: str | None = None
) -> Entry:
    """Begin a new session of somebody who has proved who they are, and end the one the browser had."""
    former = find(session, old, "session") if old else None
    if former is not None:
        revoke(session, former.id)
    known = find(session, browser, "browser") if browser else None
    is_known = known is not None and known.person_id == person_id
    begun = issue(session, "session", person_id=person_id, name=how)
    new = None if is_known or how == "demonstration" else issue(session, "browser", person_id=person_id)
    record(session, Actor("person", person_id), "sign_in", ("person", person_id), by=how, address=address)
    return Entry(begun, new, person_id)


def issue_link(session: Session, actor: Actor, person: Person) -> Issued:
    """Make a link that lets a person in once, within a day; earlier ones end. Raises SwitchedOff."""
    if not person.is_active:
        raise SwitchedOff(
            "此人已停用;请先在其人员页面启用,或运行 gisgrid staff on 登录名",
            "the person is switched off; first switch them on, on their page or by: gisgrid staff on NAME",
        )
    revoke_all(session, person.id, "link")
    link = issue(session, "link", person_id=person.id)
    record(session, actor, "token.issued", ("token", link.row.id), kind="link", person=person.id)
    return link


def enter_by_link(
    engine: Engine, words: str, *, address: str, browser: str | None = None, old: str | None = None
) -> Entry:
    """Let in who has a one-time link, however often anybody failed; nobody comes in by it again. Not in a transaction.

    Raises LinkSpent, and TooManyFailures to whoever tries many that are none.
    """
    with session_scope(engine, write=True) as session:
        person_id = _use(session, words)
        if person_id is not None:
            return enter(session, person_id, "link", address=address, browser=browser, old=old)
        charge(session, [Limit(f"address {address}", MANY, is_shared=True)])
        record(session, PROGRAM, "sign_in.failed", by="link", address=address)
    raise LinkSpent(
        "链接无效、已用过或已过期;请向管理员再要一个", "the link is unknown, used or out of date; ask for another one"
    )


def _use(session: Session, words: str) -> int | None:
    """Use a link up, in one statement: of two who open it at the same time one comes in."""
    now = datetime.now(UTC)
    valid = (Token.hash == hashed(words), Token.kind == "link", Token.revoked_at.is_(None), Token.expires_at > now)
    active = Token.person_id.in_(select(Person.id).where(Person.is_active))
    used = update(Token).where(*valid, active).values(revoked_at=now, last_used_at=now).returning(Token.person_id)
    return session.scalar(used.execution_options(synchronize_session=False))


def enter_as(engine: Engine, session_token_id: int, person_id: int, *, address: str = "") -> Entry:
    """Go on as somebody else of the demonstration. Not in a transaction. Raises NotADemonstration, NoSuchToken."""
    with session_scope(engine, write=True) as session:
        current = revoke(session, session_token_id)
        played = Person.id.in_([current.person_id, person_id])
        asked = select(Person.id).where(played, Person.is_demonstration, Person.is_active)
        if current.kind != "session" or set(session.scalars(asked)) != {current.person_id, person_id}:
            raise NotADemonstration(
                "只能在演示账号之间切换", "only accounts of the demonstration may be tried, and only from one of them"
            )
        return enter(session, person_id, "demonstration", address=address)


def sign_out(session: Session, token_id: int) -> None:
    """End a session. Raises NoSuchToken."""
    ended = revoke(session, token_id)
    if ended.person_id is not None:
        record(session, Actor("person", ended.person_id), "sign_out", ("person", ended.person_id))


def verify_pin(engine: Engine, person_name: str, pin: str, device_token_id: int, address: str) -> int:
    """Return who signs on to a device with a PIN. Not in a transaction. Raises SignInFailed, TooManyFailures."""

    def limits(_: Session, __: Person | None) -> list[Limit]:
        here = Limit(f"pin {device_token_id} {key_of(person_name)}")
        return [here, Limit(f"pins at {device_token_id}", MANY, is_shared=True)]  # its neighbours go on

    device = Actor("device", device_token_id)
    person, _ = prove(engine, device, person_name, pin, limits, by="pin", address=address)
    return person.id
