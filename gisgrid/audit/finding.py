"""Entries, found again: for the auditor, and for whoever they are about."""

import json
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from gisgrid.audit.record import ENTRIES
from gisgrid.parameters import Page, Period

COLUMNS = ("number", "at", "actor", "actor_id", "action", "subject", "subject_id", "detail")


def entries_page(
    session: Session,
    page: Page,
    *,
    actor: str | None = None,
    actor_id: int | None = None,
    subject: str | None = None,
    subject_id: int | None = None,
    action: str | None = None,
    period: Period | None = None,
) -> tuple[int, list[dict[str, Any]]]:
    """Return how many entries match, and one page of them, the newest first; `detail` comes as an object.

    `actor` and `subject` are kinds. `action` is one or more whole words from the beginning: `role` finds
    `role.granted`.
    """
    asked = {"actor": actor, "actor_id": actor_id, "subject": subject, "subject_id": subject_id}
    where = [ENTRIES.c[name] == value for name, value in asked.items() if value is not None]
    if action is not None:
        where.append(_begins(action))
    if period is not None:
        where += [ENTRIES.c.at >= period.start, ENTRIES.c.at < period.end]
    matched = session.scalar(select(func.count()).select_from(ENTRIES).where(*where)) or 0
    query = select(*(ENTRIES.c[name] for name in COLUMNS)).where(*where).order_by(ENTRIES.c.number.desc())
    rows = session.execute(query.limit(page.limit).offset(page.offset)).mappings()
    return matched, [{**row, "detail": _object(row["detail"])} for row in rows]


def about(session: Session, person_id: int, page: Page) -> tuple[int, list[dict[str, Any]]]:
    """Return what concerns a person, such as who read their track, as `entries_page` does."""
    return entries_page(session, page, subject="person", subject_id=person_id)


def _begins(action: str) -> ColumnElement[bool]:
    return or_(ENTRIES.c.action == action, ENTRIES.c.action.startswith(f"{action}.", autoescape=True))


def _object(detail: str) -> dict[str, Any]:
    """Return a detail as an object, also where it was spoilt: that is for `verify` to tell."""
    try:
        found = json.loads(detail)
    except ValueError:
        found = None
    return found if isinstance(found, dict) else {"?": detail}
