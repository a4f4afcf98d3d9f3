"""Retention: what is due, and letting it go, in slices that keep nobody waiting. Stopped anywhere, it goes on later."""

import time
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from gisgrid.audit.purge import KEPT, purge
from gisgrid.audit.record import ENTRIES, PROGRAM, Actor, record
from gisgrid.database import session_scope
from gisgrid.jobs import Stopping
from gisgrid.patrols.sealed import begin_sealing
from gisgrid.privacy.limits import Limits
from gisgrid.privacy.raw_days import drop_raw_days
from gisgrid.privacy.rules import Rule, fix_rules, other_rules
from gisgrid.privacy.seal import PAUSE_S, SLICE, DayDue, due_days, seal
from gisgrid.settings import Settings


@dataclass(frozen=True, slots=True)
class Due:
    """Rows that go by one rule."""

    name: str
    zh: str
    en: str
    rows: int


@dataclass(frozen=True, slots=True)
class Plan:
    """What is due. What only becomes due when that has gone, such as an outing without fixes, is not counted."""

    limits: Limits
    days: list[DayDue]
    rows: list[Due]

    @property
    def is_empty(self) -> bool:
        """Whether nothing is due."""
        return not self.days and not any(due.rows for due in self.rows)


def plan(session: Session, settings: Settings, now: datetime) -> Plan:
    """Return what is due at a time."""
    limits = Limits.at(now, settings)
    rules = [*fix_rules(limits), *other_rules(limits)]
    rows = [Due(rule.name, rule.zh, rule.en, rule.count(session)) for rule in rules]
    audit = session.scalar(select(func.count()).where(ENTRIES.c.at < limits.audit_since)) or 0
    return Plan(limits, due_days(session, settings, limits), [*rows, Due("audit", "审计记录", "audit entries", audit)])


def run(
    engine: Engine,
    settings: Settings,
    now: datetime,
    actor: Actor = PROGRAM,
    is_stopping: Stopping = lambda: False,
) -> Counter[str]:
    """Let go what is due at a time; return how many rows by the names of the plan, and `days` and `fixes`.

    Two at the same time do no harm.
    """
    limits, done = Limits.at(now, settings), Counter[str]()
    for rule in fix_rules(limits):
        done[rule.name] += _clear(engine, rule, actor, is_stopping)
    done["audit"] += _purge_audit(engine, limits, actor)
    with session_scope(engine) as session:
        days = due_days(session, settings, limits)
    for due in days:
        if not is_stopping():
            seal(engine, settings, due, limits, actor, is_stopping)
            done.update(days=1, fixes=due.fixes - due.evidence)
    drop_raw_days(engine, settings, now, actor)
    for rule in other_rules(limits):
        done[rule.name] += _clear(engine, rule, actor, is_stopping)
    return done


def _clear(engine: Engine, rule: Rule, actor: Actor, is_stopping: Stopping) -> int:
    with session_scope(engine) as session:
        goes_on = rule.is_due(session)
    total = 0
    while goes_on and not is_stopping():
        with session_scope(engine, write=True) as session:
            begin_sealing(session)  # nobody may be storing a fix of an outing that is about to go
            taken = rule.take(session, SLICE)
            if taken:
                record(session, actor, f"retention.{rule.name}", rows=taken)
        total += taken
        goes_on = taken == SLICE
        time.sleep(PAUSE_S if goes_on else 0)
    return total


def _purge_audit(engine: Engine, limits: Limits, actor: Actor) -> int:
    before = min(limits.audit_since, datetime.now(UTC) - KEPT - timedelta(minutes=1))
    with session_scope(engine) as session:
        if session.scalar(select(ENTRIES.c.number).where(ENTRIES.c.at < before).limit(1)) is None:
            return 0
    with session_scope(engine, write=True) as session:
        return purge(session, before, actor)
