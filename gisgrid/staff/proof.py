"""Proving who somebody is by a password or a PIN: charged as wrong before it is looked at, taken back if it was right.

No transaction is open while the hash is computed, and nothing tells whether a name is known: neither words nor time.
"""

from collections.abc import Callable, Sequence
from typing import Literal

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from gisgrid.audit.record import Actor, record
from gisgrid.database import session_scope
from gisgrid.errors import Unproven
from gisgrid.staff.passwords import check_words
from gisgrid.staff.people import key_of
from gisgrid.staff.tables import Person
from gisgrid.staff.throttle import Limit, charge, take_back

Secret = Literal["password", "pin"]
Limits = Callable[[Session, Person | None], Sequence[Limit]]


class SignInFailed(Unproven):
    """The name or the secret is wrong, or the account is switched off: which, nobody is told."""


def prove(
    engine: Engine, actor: Actor, name: str, words: str, limits: Limits, *, by: Secret, address: str
) -> tuple[Person, str | None]:
    """Return whose name and secret these are, and the secret's new hash if it is due one. Not in a transaction.

    A wrong one is counted and recorded. Raises SignInFailed, TooManyFailures.
    """
    with session_scope(engine, write=True) as session:
        person = session.scalar(select(Person).where(Person.name_key == key_of(name)))
        charges = charge(session, limits(session, person))
    checked = check_words(words, _kept(person, by))
    with session_scope(engine, write=True) as session:
        if person is not None and checked.is_right:
            take_back(session, charges)
            return person, checked.renewed
        subject = None if person is None else ("person", person.id)
        record(session, actor, "sign_in.failed", subject, by=by, address=address)
    raise failure()


def _kept(person: Person | None, by: Secret) -> str | None:
    if person is None or not person.is_active:
        return None
    return person.pin_hash if by == "pin" else person.password_hash


def failure() -> SignInFailed:
    """Say that somebody did not prove to be who they say."""
    return SignInFailed(
        "登录名、口令或 PIN 码不对,或账号已停用;请再试,或联系管理员",
        "the name, password or PIN is wrong, or the account is switched off; try again, or ask an administrator",
    )
