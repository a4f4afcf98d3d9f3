"""Who asks: found anew at each request from what it shows, so that what was revoked is gone with the next one."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Final, Literal

from fastapi import Depends, Request
from sqlalchemy import select
from sqlalchemy.orm import Session

from gisgrid.sight import NOTHING, Sight
from gisgrid.staff import scope
from gisgrid.staff.roles import BOARD, DEVICE, ROLES, VOLUNTEERS, Permission
from gisgrid.staff.scope import Role
from gisgrid.staff.tables import Appointment, Person, Token
from gisgrid.staff.tokens import Kind, find_all, find_row, is_due

IDLE: Final = timedelta(minutes=30)
"""A browser left alone so long has to sign in again."""

CallerKind = Literal["nobody", "public", "board", "device", "person"]


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks. `token` is the row of what was shown, `form_token` what forms of a browser must bring along."""

    kind: CallerKind = "nobody"
    token: int | None = None
    person: int | None = None
    name: str = ""
    cell_code: str | None = None
    roles: tuple[Role, ...] = ()
    form_token: str = ""
    is_demonstration: bool = False
    is_use_due: bool = False
    """Whether the use of the token is to be noted."""

    def may(self, permission: Permission) -> bool:
        """Tell whether the caller has a permission anywhere at all."""
        if self.kind == "person":
            return any(permission in ROLES[role.name] for role in self.roles)
        return permission in {"device": DEVICE, "board": BOARD, "public": BOARD}.get(self.kind, ())

    @property
    def is_volunteer(self) -> bool:
        """Whether the caller walks as a volunteer and as nothing else."""
        walking = {role.name for role in self.roles if "check_in" in ROLES[role.name]}
        return bool(walking) and walking <= VOLUNTEERS


NOBODY: Final = Caller()
PUBLIC: Final = Caller("public")


def caller_of(session: Session, words: str | None, *kinds: Kind) -> Caller:
    """Return who shows a token of one of the kinds; NOBODY for no token, or one that lets nobody in."""
    return callers_of(session, [words] if words else [], *kinds).get(words or "", NOBODY)


def callers_of(session: Session, words: Iterable[str], *kinds: Kind) -> dict[str, Caller]:
    """Return who shows each of some tokens, by its words; nothing for one that lets nobody in."""
    callers = {each: _caller(session, token) for each, token in find_all(session, words, *kinds).items()}
    return {each: caller for each, caller in callers.items() if caller.kind != "nobody"}


def still(session: Session, caller: Caller) -> Caller:
    """Return who a caller is by now: NOBODY once their token lets nobody in any more."""
    if caller.token is None:
        return caller
    token = find_row(session, caller.token)
    return NOBODY if token is None else _caller(session, token)


def _caller(session: Session, token: Token) -> Caller:
    if token.kind == "session" and _is_idle(token):
        return NOBODY
    if token.kind not in ("device", "board"):
        return _person(session, token)
    return Caller(
        "device" if token.kind == "device" else "board",
        token.id,
        name=token.name,
        cell_code=token.cell_code,
        form_token=token.form_token,
        is_use_due=is_due(token, datetime.now(UTC)),
    )


def _is_idle(token: Token) -> bool:
    return datetime.now(UTC) - (token.last_used_at or token.created_at) > IDLE


def _person(session: Session, token: Token) -> Caller:
    person = session.get(Person, token.person_id)
    if person is None or not person.is_active:
        return NOBODY
    return Caller(
        "person",
        token.id,
        person.id,
        person.name,
        roles=roles_of(session, person.id),
        form_token=token.form_token,
        is_demonstration=person.is_demonstration,
        is_use_due=is_due(token, datetime.now(UTC)),
    )


def roles_of(session: Session, person_id: int) -> tuple[Role, ...]:
    """Return a person's roles, in the order in which they were granted."""
    asked = select(Appointment.role, Appointment.cell_code, Appointment.department_id)
    rows = session.execute(asked.where(Appointment.person_id == person_id).order_by(Appointment.id))
    return tuple(Role(*row) for row in rows if row.role in ROLES)


def sight_for(session: Session, caller: Caller, permission: Permission) -> Sight:
    """Return what a caller may see in a request that asks for a permission."""
    if caller.kind == "person":
        return scope.sight(session, caller.roles, permission, caller.person)
    if caller.kind in ("board", "public"):
        return scope.sight_of_cell(session, caller.cell_code)
    return NOTHING


def _asker(request: Request) -> Caller:
    caller: Caller = request.state.caller  # the guard of `access` has put it there
    return caller


Asker = Annotated[Caller, Depends(_asker)]
