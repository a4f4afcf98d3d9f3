"""An office of a few people, its clock, and what a search of its whole database finds."""

import json
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import UTC, datetime, timedelta
from functools import cache
from threading import Barrier
from typing import NamedTuple

from sqlalchemy import Engine, select, text, update
from sqlalchemy.orm import Session

from gisgrid.audit.record import OPERATOR
from gisgrid.audit.tables import AuditEntry
from gisgrid.database import Base, session_scope
from gisgrid.errors import GisgridError
from gisgrid.settings import PasswordProfile, Settings
from gisgrid.staff.credentials import set_password, set_pin
from gisgrid.staff.people import add_person
from gisgrid.staff.tables import Attempt, Token

GOOD = "correct horse battery"
BETTER = "staple of a correct horse"
PIN = "184629"


class Entry(NamedTuple):
    """What an entry of the audit says, but for its time and place in the chain."""

    action: str
    actor: str
    subject: int | None
    detail: dict[str, object]


@cache
def usual(profile: PasswordProfile = "asvs") -> Settings:
    """Return settings with one profile or the other; to read them takes longer than to sign in."""
    return Settings(password_profile=profile)


def hire(engine: Engine, name: str = "zhangsan", *, is_demonstration: bool = False, **secret: str) -> int:
    """Add somebody, with a `password` or a `pin` if wished, and return their row."""
    with session_scope(engine, write=True) as session:
        person = add_person(session, OPERATOR, name, is_demonstration=is_demonstration)
        if "password" in secret:
            set_password(session, usual(), OPERATOR, person, secret["password"])
        if "pin" in secret:
            set_pin(session, OPERATOR, person, secret["pin"])
        return person.id


def audited(engine: Engine, action: str = "") -> list[Entry]:
    """Return the entries of the audit whose action begins so, in order."""
    with session_scope(engine) as session:
        entries = session.scalars(select(AuditEntry).order_by(AuditEntry.number)).all()
    told = [Entry(each.action, each.actor, each.subject_id, json.loads(each.detail)) for each in entries]
    return [entry for entry in told if entry.action.startswith(action)]


def pass_time(engine: Engine, ago: timedelta) -> None:
    """Let wrong credentials and tokens be so much older."""
    with session_scope(engine, write=True) as session:
        for row in session.scalars(select(Attempt)):
            row.at -= ago
        for token in session.scalars(select(Token)):
            token.created_at, token.expires_at = token.created_at - ago, token.expires_at - ago
            token.last_used_at = token.last_used_at and token.last_used_at - ago


def last_used(engine: Engine, token_id: int, ago: timedelta) -> None:
    """Let a token have been used so long ago."""
    with session_scope(engine, write=True) as session:
        session.execute(update(Token).where(Token.id == token_id).values(last_used_at=datetime.now(UTC) - ago))


def everything_kept(engine: Engine) -> str:
    """Return all that stands in any row of any table."""
    with engine.connect() as connection:
        tables = [name for name, table in Base.metadata.tables.items() if "geometry" not in table.c]
        return "\n".join(str(row) for name in tables for row in connection.execute(text(f"SELECT * FROM {name}")))


def at_once(act: Callable[[int], object], times: int) -> list[object]:
    """Do something many times at the same moment; return the answers, or the names of the errors of ours."""
    start = Barrier(times)

    def one(number: int) -> object:
        start.wait(20)
        try:
            return act(number)
        except GisgridError as error:
            return error.code

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(one, range(times)))


def meanwhile(engine: Engine, one: Callable[[Session], object], other: Callable[[Session], object]) -> None:
    """Do one thing in a transaction, and the other in a second one that begins before the first is committed."""

    def second() -> None:
        with session_scope(engine, write=True) as session:
            other(session)

    with ThreadPoolExecutor(1) as pool:
        with session_scope(engine, write=True) as session:
            one(session)
            waiting = pool.submit(second)
            assert not wait([waiting], 0.3).done
        waiting.result(20)


def names(answers: Sequence[object]) -> list[str]:
    """Return the errors among answers, sorted."""
    return sorted(answer for answer in answers if isinstance(answer, str))
