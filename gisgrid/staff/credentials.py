"""Setting passwords and PINs: what was open under the old password ends."""

from datetime import UTC, datetime

from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session

from gisgrid.audit.record import Actor, record
from gisgrid.database import session_scope
from gisgrid.errors import Refused
from gisgrid.settings import Settings
from gisgrid.staff.passwords import WeakPassword, hash_words, require_strong, require_unobvious
from gisgrid.staff.proof import SignInFailed, prove
from gisgrid.staff.tables import Person, Token
from gisgrid.staff.throttle import Limit
from gisgrid.staff.tokens import NoSuchToken


class WrongPassword(Refused):
    """The password that is to be replaced is another one."""


def set_password(session: Session, settings: Settings, actor: Actor, person: Person, password: str) -> None:
    """Give a person a password; their sessions end. Raises WeakPassword."""
    keep_password(session, actor, person, new_hash(settings, person, password))


def change_password(
    engine: Engine, settings: Settings, session_token_id: int, old: str, new: str, *, address: str
) -> bool:
    """Replace one's own password and return whether it is the first; one's other sessions end.

    Not in a transaction: failures are kept. Who came by a one-time link need not know the old one, once.
    Raises WrongPassword, WeakPassword, TooManyFailures, NoSuchToken.
    """
    with session_scope(engine) as session:
        token, person = _own(session, session_token_id)
    if token.name != "link":
        _require_old(engine, person, old, address)
    kept = new_hash(settings, person, new, old)
    with session_scope(engine, write=True) as session:
        token, person = _own(session, session_token_id)
        token.name = "password"
        is_first = person.password_hash is None
        keep_password(session, Actor("person", person.id), person, kept, but=token.id)
    return is_first


def _own(session: Session, token_id: int) -> tuple[Token, Person]:
    """Return an open session's row and its person. Raises NoSuchToken."""
    asked = select(Token, Person).join(Person, Person.id == Token.person_id)
    open_ = (Token.id == token_id, Token.kind == "session", Token.revoked_at.is_(None), Person.is_active)
    found = session.execute(asked.where(*open_, Token.expires_at > datetime.now(UTC))).first()
    if found is None:
        raise NoSuchToken("会话已结束,请重新登录", "the session is over; sign in again")
    return found[0], found[1]


def _require_old(engine: Engine, person: Person, old: str, address: str) -> None:
    limits = [Limit(f"change {person.id}")]
    try:
        prove(engine, Actor("person", person.id), person.name, old, lambda *_: limits, by="password", address=address)
    except SignInFailed as error:
        raise WrongPassword(
            "原口令不对;忘记了请向管理员要一个一次性登录链接",
            "the old password is another one; if it is forgotten, ask an administrator for a one-time sign-in link",
        ) from error


def new_hash(settings: Settings, person: Person, password: str, old: str = "") -> str:
    """Return what to keep of a new password. Raises WeakPassword."""
    require_strong(password, settings.password_profile, (person.name, person.full_name))
    if password == old:
        raise WeakPassword("新口令与原口令相同,请另选", "the new password is the old one; choose another")
    return hash_words(password)


def keep_password(session: Session, actor: Actor, person: Person, kept: str, but: int | None = None) -> None:
    """Store a person's new hash, and end what let them in before, but for one session."""
    person.password_hash, person.password_set_at = kept, datetime.now(UTC)
    session.flush()
    doors = (Token.person_id == person.id, Token.kind.in_(("session", "link", "api")), Token.revoked_at.is_(None))
    others = () if but is None else (Token.id != but,)
    session.execute(update(Token).where(*doors, *others).values(revoked_at=datetime.now(UTC)))
    record(session, actor, "password.set", ("person", person.id))


def set_pin(session: Session, actor: Actor, person: Person, pin: str) -> None:
    """Give a person the PIN with which they sign on to a device. Raises WeakPin."""
    require_unobvious(pin)
    person.pin_hash = hash_words(pin)
    session.flush()
    record(session, actor, "pin.set", ("person", person.id))
