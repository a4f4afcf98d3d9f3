"""Which rows go, and why: one table of rules, for whoever counts them and for whoever takes them away."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Table, delete, exists, func, or_, select, update
from sqlalchemy.orm import Session

from gisgrid.database import Base
from gisgrid.notices.deliver import DELIVERY
from gisgrid.notices.tables import Told
from gisgrid.once import table_of
from gisgrid.patrols.suggest.tables import Suggestion
from gisgrid.patrols.tables import (
    UNCOUNTED,
    Alarm,
    Consent,
    Fix,
    FixNote,
    Heartbeat,
    Hold,
    Objection,
    Patrol,
    Patroller,
    Shift,
    Standing,
    Unread,
)
from gisgrid.privacy.limits import Limits
from gisgrid.staff.tables import Attempt, Token
from gisgrid.staff.throttle import WINDOW

FIX, HOLD, OBJECTION, SHIFT = table_of(Fix), table_of(Hold), table_of(Objection), table_of(Shift)
NOTE, HEARTBEAT, UNREAD = table_of(FixNote), table_of(Heartbeat), table_of(Unread)
ATTEMPT, CONSENT, TOKEN = table_of(Attempt), table_of(Consent), table_of(Token)
ALARM, PATROL, PATROLLER = table_of(Alarm), table_of(Patrol), table_of(Patroller)
TOLD, SUGGESTION = table_of(Told), table_of(Suggestion)

Conditions = Sequence[ColumnElement[bool]]
Act = Callable[[Session, Sequence[int]], None]


@dataclass(frozen=True, slots=True)
class Rule:
    """Rows of a table that go; `name` is their reason in the audit, `act` takes away those of some ids."""

    name: str
    zh: str
    en: str
    table: Table
    where: Conditions
    act: Act

    def count(self, session: Session) -> int:
        """Return how many rows are due."""
        return session.scalar(select(func.count()).select_from(self.table).where(*self.where)) or 0

    def is_due(self, session: Session) -> bool:
        """Tell whether any row is due."""
        return session.scalar(select(self.table.c.id).where(*self.where).limit(1)) is not None

    def take(self, session: Session, most: int) -> int:
        """Take away some of the rows that are due; return how many."""
        ids = session.scalars(select(self.table.c.id).where(*self.where).limit(most)).all()
        if ids:
            self.act(session, ids)
        return len(ids)


def fix_rules(limits: Limits) -> list[Rule]:
    """Return the rules for single fixes; of those that count, whole days are sealed.

    What is withheld is held for nobody. A fix dated ahead would wait for its day.
    """
    since = limits.fixes_since
    is_old = or_(FIX.c.fix_at < limits.withheld_since, FIX.c.received_at < limits.withheld_since)
    withheld = [*_stands("withheld"), is_old]
    ahead = [FIX.c.standing == "counted", FIX.c.fix_at > limits.now, FIX.c.received_at < since]
    late = [*_stands("quarantined"), FIX.c.received_at < since]
    idle = [*_stands("evidence"), ~is_held(limits)]
    return [
        Rule("withheld", "班次之外的打卡", "fixes outside a shift", FIX, withheld, delete_fixes),
        Rule("ahead", "时间在将来的旧打卡", "old fixes dated ahead", FIX, ahead, delete_fixes),
        Rule("quarantined", "封存后迟到的打卡", "fixes come after sealing", FIX, late, letting_go(limits)),
        Rule("evidence", "不再留证的打卡", "fixes no longer held", FIX, idle, delete_fixes),
    ]


def _stands(standing: Standing) -> list[ColumnElement[bool]]:
    return [UNCOUNTED, FIX.c.standing == standing]


def is_held(limits: Limits) -> ColumnElement[bool]:
    """Return the condition that a fix is part of a track that is held as evidence."""
    its = (HOLD.c.patroller_id == FIX.c.patroller_id, HOLD.c.start_at <= FIX.c.fix_at, HOLD.c.end_at > FIX.c.fix_at)
    return exists().where(*its, HOLD.c.until >= limits.today)


def letting_go(limits: Limits) -> Act:
    """Return what deletes fixes, but makes those evidence that are held."""

    def act(session: Session, ids: Sequence[int]) -> None:
        held = session.scalars(select(FIX.c.id).where(FIX.c.id.in_(ids), is_held(limits))).all()
        if held:
            session.execute(update(FIX).where(FIX.c.id.in_(held)).values(standing="evidence"))
        delete_fixes(session, sorted(set(ids) - set(held)))

    return act


def delete_fixes(session: Session, ids: Sequence[int]) -> None:
    """Delete fixes, and what was said about them."""
    for said in (OBJECTION, NOTE):
        session.execute(delete(said).where(said.c.fix_id.in_(ids)))
    session.execute(delete(FIX).where(FIX.c.id.in_(ids)))


def other_rules(limits: Limits) -> list[Rule]:
    """Return the rules for what goes with the fixes, in an order in which nothing that goes is still referred to."""
    nobodys = [PATROLLER.c.person_id.is_(None), *_unreferenced(PATROLLER)]
    failed = [ATTEMPT.c.at < limits.now - WINDOW]
    since = limits.fixes_since
    told = [DELIVERY.c.next_at.is_(None), DELIVERY.c.queued_at < since]
    return [
        _rule("deliveries", "送达或放弃的对外通知", "notices delivered or given up", DELIVERY, told),
        _rule("outbox", "不再待发的通知内容", "what they said", TOLD, [TOLD.c.made_at < since, *_unreferenced(TOLD)]),
        _unread_bodies(limits),
        _rule("unread", "无法识别的上报", "what was no fix", UNREAD, [UNREAD.c.received_at < since]),
        _rule("heartbeats", "心跳", "signs of life", HEARTBEAT, [HEARTBEAT.c.beat_at < since]),
        _rule("holds", "到期的留证", "holds that end", HOLD, [HOLD.c.until < limits.today]),
        _rule("alarms", "呼救", "calls for help", ALARM, [ALARM.c.received_at < limits.fixes_since]),
        _rule("suggestions", "过期的建议路线", "suggested rounds out of date", SUGGESTION, [_is_over(limits)]),
        _rule("shifts", "班次", "shifts", SHIFT, _over(limits)),
        _rule("consents", "撤回或更新前的同意", "consents withdrawn or renewed", CONSENT, [_is_past(limits)]),
        _rule("tokens", "过期或吊销的令牌", "tokens out of date", TOKEN, _useless(limits)),
        _rule("attempts", "登录失败记录", "failed credentials", ATTEMPT, failed),
        _rule("patrols", "没有打卡的巡查", "outings without fixes", PATROL, _unreferenced(PATROL)),
        _rule("patrollers", "无账号且无资料的人员", "people with neither account nor data", PATROLLER, nobodys),
    ]


def _unread_bodies(limits: Limits) -> Rule:
    """Return the rule by which what was no fix keeps its reason alone: it may tell where somebody was off duty."""

    def act(session: Session, ids: Sequence[int]) -> None:
        session.execute(update(UNREAD).where(UNREAD.c.id.in_(ids)).values(body=""))

    where = [UNREAD.c.received_at < limits.withheld_since, UNREAD.c.body != ""]
    return Rule("unread_bodies", "无法识别的上报内容", "what unread items were", UNREAD, where, act)


def _rule(name: str, zh: str, en: str, table: Table, where: Conditions) -> Rule:
    def act(session: Session, ids: Sequence[int]) -> None:
        session.execute(delete(table).where(table.c.id.in_(ids)))

    return Rule(name, zh, en, table, where, act)


def _is_over(limits: Limits) -> ColumnElement[bool]:
    return SUGGESTION.c.expires_at < limits.now


def _over(limits: Limits) -> list[ColumnElement[bool]]:
    during = (HOLD.c.start_at < SHIFT.c.ended_at, HOLD.c.end_at > SHIFT.c.started_at, HOLD.c.until >= limits.today)
    needed = exists().where(HOLD.c.patroller_id == SHIFT.c.patroller_id, *during)
    return [SHIFT.c.ended_at < limits.fixes_since, ~needed, *_unreferenced(SHIFT)]


def _is_past(limits: Limits) -> ColumnElement[bool]:
    """Return the condition that a consent covers nothing that is still there."""
    later = CONSENT.alias("later")
    same = (later.c.person_id == CONSENT.c.person_id, later.c.covers == CONSENT.c.covers)
    renewed = exists().where(*same, later.c.given_at > CONSENT.c.given_at, later.c.given_at < limits.fixes_since)
    return or_(CONSENT.c.withdrawn_at < limits.fixes_since, renewed)


def _useless(limits: Limits) -> list[ColumnElement[bool]]:
    since = limits.fixes_since
    return [or_(TOKEN.c.expires_at < since, TOKEN.c.revoked_at < since), *_unreferenced(TOKEN)]


def _unreferenced(table: Table) -> list[ColumnElement[bool]]:
    """Return the conditions that no row of any table refers to a row."""
    keys = (key for other in Base.metadata.sorted_tables for key in other.foreign_keys if key.column.table is table)
    return [~exists().where(key.parent == table.c.id) for key in keys]
