"""Erasing a person: what is known of them goes, and what others need stays without them. Stopped anywhere, it goes on.

The row of the account stays as a number, so that the audit still says who did what. What they reported stays, nobody's;
sealed days hold nothing of anybody.
"""

import time
from collections import Counter
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import Column, Engine, delete, select, update
from sqlalchemy.orm import Session

from gisgrid.audit.record import Actor, record
from gisgrid.coverage.days.find import forget_days
from gisgrid.database import session_scope
from gisgrid.errors import Conflict
from gisgrid.incidents.emergencies.tables import Alert, Emergency, Remark, Task
from gisgrid.incidents.kinds.tables import KindEdition
from gisgrid.incidents.orders.tables import Order
from gisgrid.incidents.saved.tables import SavedSearch
from gisgrid.incidents.surveys.tables import Survey
from gisgrid.incidents.tables import Exhibit, Handler, Incident, Step
from gisgrid.incidents.visits.tables import FollowUp
from gisgrid.once import table_of
from gisgrid.patrols.plans.tables import Gap, Plan, PlanPerson
from gisgrid.patrols.sealed import hold_off_sealing
from gisgrid.patrols.suggest.tables import Suggestion
from gisgrid.privacy.holds import holds_on, release
from gisgrid.privacy.rules import (
    ALARM,
    CONSENT,
    FIX,
    HEARTBEAT,
    HOLD,
    NOTE,
    OBJECTION,
    PATROL,
    PATROLLER,
    SHIFT,
    TOKEN,
    UNREAD,
    delete_fixes,
)
from gisgrid.privacy.seal import PAUSE_S, SLICE
from gisgrid.privacy.subject import Subject, subject_called
from gisgrid.publications.own import RECEIPT
from gisgrid.publications.publish import PUBLICATION
from gisgrid.staff.appointments import require_another_administrator
from gisgrid.staff.tables import Appointment, Person, Skill
from gisgrid.staff.tokens import revoke_all

GAP, PLAN = table_of(Gap), table_of(Plan)
EMERGENCY, ORDER = table_of(Emergency), table_of(Order)
OWNED: Final = (
    *(table_of(each) for each in (Skill, Appointment, Handler, SavedSearch, PlanPerson, Suggestion)),
    *(CONSENT, RECEIPT, TOKEN),
)
GONE: Final = tuple(table.c.person_id for table in OWNED)
"""Rows that go with the account."""
UNNAMED: Final = (
    table_of(Incident).c.reported_by,
    table_of(Incident).c.handler_id,
    table_of(Exhibit).c.added_by,
    table_of(KindEdition).c.imported_by,
    OBJECTION.c.replied_by,
    NOTE.c.written_by,
    PATROLLER.c.person_id,
    PLAN.c.made_by,
    GAP.c.closed_by,
    table_of(Suggestion).c.made_by,
    ALARM.c.acknowledged_by,
    PUBLICATION.c.published_by,
    table_of(FollowUp).c.made_by,
    table_of(Survey).c.entered_by,
    EMERGENCY.c.started_by,
    EMERGENCY.c.ended_by,
    table_of(Task).c.done_by,
    table_of(Remark).c.written_by,
    ORDER.c.issued_by,
    ORDER.c.addressee_person_id,
    ORDER.c.replied_by,
    ORDER.c.closed_by,
)
"""Rows that stay, without the account."""
NUMBERED: Final = (table_of(Handler).c.named_by, table_of(Step).c.made_by, table_of(Alert).c.person_id)
"""Rows of others, and what is never changed, that keep the number, which is nobody's any more."""
WALKED: Final = (
    OBJECTION.c.patroller_id,
    SHIFT.c.patroller_id,
    HOLD.c.patroller_id,
    PATROL.c.patroller_id,
    HEARTBEAT.c.sender_id,
    ALARM.c.sender_id,
    ALARM.c.patroller_id,
)
"""Rows that go after the fixes of whoever walked."""
BORNE: Final = (SHIFT.c.token_id, FIX.c.token_id, ALARM.c.token_id)
"""What may name a token of the account, though it is another's."""
SHOWN: Final = (UNREAD.c.token_id,)
"""What came with a token of the account, and goes with it."""


class HeldAsEvidence(Conflict):
    """Part of the person's track is kept as evidence."""


def erase(
    engine: Engine,
    actor: Actor,
    *,
    person: str | None = None,
    patroller: str | None = None,
    release_holds: bool = False,
) -> Counter[str]:
    """Erase whoever signs in with a name, or walks under one; return how many rows went, by table.

    Raises WhoIsMeant, NoSuchPerson, NoSuchPatroller, LastAdministrator, HeldAsEvidence.
    """
    with session_scope(engine, write=True) as session:
        subject = subject_called(session, person, patroller)
        _begin(session, actor, subject, release_holds=release_holds)
    done = Counter(fixes=_erase_fixes(engine, subject.patroller_id))
    with session_scope(engine, write=True) as session:
        subject = subject_called(session, person, patroller)
        _finish(session, subject, done)
        record(session, actor, "person.erased", subject.audited, patroller=subject.patroller_id, **done)
    return done


def _begin(session: Session, actor: Actor, subject: Subject, *, release_holds: bool) -> None:
    """Shut the account, so that nothing new comes. Raises LastAdministrator, HeldAsEvidence."""
    if subject.person is not None:
        require_another_administrator(session, subject.person.id)
    held = [] if subject.patroller is None else holds_on(session, subject.patroller.id)
    if held and not release_holds:
        numbers = ", ".join(str(each.id) for each in held)
        raise HeldAsEvidence(
            f"此人的轨迹正在留证(编号 {numbers}),未删除;确需删除请加 --release-holds",
            f"tracks of this person are held as evidence (holds {numbers}), so nothing was erased; to do so all the "
            "same: --release-holds",
        )
    if subject.person is not None:
        subject.person.is_active = False
        revoke_all(session, subject.person.id)
    for each in held:
        release(session, actor, each.id)


def _erase_fixes(engine: Engine, patroller_id: int | None) -> int:
    total, taken = 0, 0 if patroller_id is None else SLICE
    while taken == SLICE:
        with session_scope(engine, write=True) as session:
            hold_off_sealing(session)
            taken = _take_fixes(session, patroller_id)
        total += taken
        time.sleep(PAUSE_S if taken == SLICE else 0)
    return total


def _take_fixes(session: Session, patroller_id: int | None) -> int:
    ids = session.scalars(select(FIX.c.id).where(FIX.c.patroller_id == patroller_id).limit(SLICE)).all()
    delete_fixes(session, ids)
    return len(ids)


def _finish(session: Session, subject: Subject, done: Counter[str]) -> None:
    if subject.patroller is not None:
        hold_off_sealing(session)
        while taken := _take_fixes(session, subject.patroller.id):  # of what came meanwhile
            done["fixes"] += taken
        for column in WALKED:
            done[column.table.name] += _delete(session, column, subject.patroller.id)
        subject.patroller.ref, subject.patroller.name = f"已删除-{subject.patroller.id}", ""
    if subject.person is not None:
        _forget(session, subject.person, done)
    forget_days(session)  # they name whose visits they hold
    session.flush()


def _forget(session: Session, person: Person, done: Counter[str]) -> None:
    theirs = select(TOKEN.c.id).where(TOKEN.c.person_id == person.id)
    for column in BORNE:
        session.execute(update(column.table).where(column.in_(theirs)).values({column: None}))
    for column in SHOWN:
        gone = session.execute(delete(column.table).where(column.in_(theirs)).returning(column))
        done[column.table.name] += len(gone.all())
    for column in GONE:
        done[column.table.name] += _delete(session, column, person.id)
    for column in UNNAMED:
        session.execute(update(column.table).where(column == person.id).values({column: None}))
    person.name, person.full_name, person.phone = f"已删除-{person.id}", "", None
    person.password_hash = person.pin_hash = person.oidc_subject = person.password_set_at = None
    person.erased_at = datetime.now(UTC)


def _delete(session: Session, column: Column[int], identifier: int) -> int:
    gone = session.execute(delete(column.table).where(column == identifier).returning(column))
    return len(gone.all())
