"""What a patroller was shown and agreed to: the notice, in its version; and, where they volunteer, whole tracks."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from typing import Final, Literal

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from gisgrid.audit.record import Actor, record
from gisgrid.errors import Conflict, NotFound
from gisgrid.patrols.tables import Consent, Patroller
from gisgrid.staff.roles import ROLES, VOLUNTEERS
from gisgrid.staff.tables import Appointment

Covers = Literal["notice", "track"]

WALKING: Final = frozenset(role for role, permissions in ROLES.items() if "check_in" in permissions)
"""The roles of those who walk."""


class NoticeNeeded(Conflict):
    """The notice as it stands today has not been accepted."""


class NoConsent(NotFound):
    """There is no consent to withdraw."""


def require_notice(session: Session, person_id: int, version: str) -> None:
    """Check that a person has accepted the notice in its version. Raises NoticeNeeded."""
    if not any(each.covers == "notice" and each.version == version for each in _standing(session, person_id)):
        raise NoticeNeeded(
            f"请先阅读告知书(GET /api/notice),再以 notice_version={version} 签到,表示已阅读并接受",
            f"read the notice first (GET /api/notice), then sign on with notice_version={version} to accept it",
        )


def consents_of(session: Session, person_id: int) -> Sequence[Consent]:
    """Return what a person agreed to, the newest first, with what they have withdrawn."""
    return session.scalars(select(Consent).where(Consent.person_id == person_id).order_by(Consent.id.desc())).all()


def _standing(session: Session, person_id: int) -> list[Consent]:
    return [each for each in consents_of(session, person_id) if each.withdrawn_at is None]


def agree(session: Session, actor: Actor, person_id: int, covers: Covers, version: str) -> Consent:
    """Keep that a person agrees to the notice, or to tracks, as the notice of that version tells them; twice is once.

    To accept another notice ends what was agreed to under the one before: the tracks need a word of their own again.
    """
    now = datetime.now(UTC)
    standing = _standing(session, person_id)
    same = [each for each in standing if (each.covers, each.version) == (covers, version)]
    if same:
        return same[0]
    for former in standing:
        if former.version != version and covers in ("notice", former.covers):
            former.withdrawn_at = now
    given = Consent(person_id=person_id, covers=covers, version=version, given_at=now)
    session.add(given)
    session.flush()
    record(session, actor, "consent.given", ("person", person_id), covers=covers, version=version)
    return given


def withdraw_consent(session: Session, actor: Actor, person_id: int, covers: Covers) -> Consent:
    """Withdraw a consent: from now on nothing that needs it is taken. Raises NoConsent."""
    standing = [each for each in _standing(session, person_id) if each.covers == covers]
    if not standing:
        raise NoConsent("没有可撤回的同意", "there is no consent to withdraw")
    for each in standing:
        each.withdrawn_at = datetime.now(UTC)
    session.flush()
    record(session, actor, "consent.withdrawn", ("person", person_id), covers=covers, version=standing[0].version)
    return standing[0]


ROLES_HELD: Final = (
    select(Patroller.id, Appointment.role)
    .join(Appointment, Appointment.person_id == Patroller.person_id)
    .where(Patroller.id.in_(bindparam("patrollers", expanding=True)), Appointment.role.in_(WALKING))
)


def barred_from_tracks(session: Session, patroller_ids: Collection[int]) -> set[int]:
    """Return which of some patrollers walk as volunteers alone and have not agreed to tracks."""
    roles = defaultdict(set)
    for patroller, role in session.execute(ROLES_HELD, {"patrollers": list(patroller_ids)}):
        roles[patroller].add(role)
    volunteers = {patroller for patroller, walking in roles.items() if walking <= VOLUNTEERS}
    agreed = select(Patroller.id).join(Consent, Consent.person_id == Patroller.person_id)
    agreed = agreed.where(Patroller.id.in_(volunteers), Consent.covers == "track", Consent.withdrawn_at.is_(None))
    return volunteers - set(session.scalars(agreed)) if volunteers else set()


def walks(session: Session, person_id: int) -> bool:
    """Tell whether a person has a role in which one walks."""
    held = select(Appointment.id).where(Appointment.person_id == person_id, Appointment.role.in_(WALKING))
    return session.scalar(held.limit(1)) is not None
