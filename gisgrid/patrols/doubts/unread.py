"""What devices sent that is no fix, for the staff of their cells.

What came, or was measured, while nobody was on duty on the device may tell where somebody was in their own time: of it
only the reason is shown.
"""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from gisgrid.intake.finding import page_of
from gisgrid.once import table_of
from gisgrid.parameters import Page
from gisgrid.parse import read_time
from gisgrid.patrols.tables import Patroller, Shift, Unread
from gisgrid.sight import seeing_everything, visible
from gisgrid.staff.tables import Token

UNREAD, SHIFT = table_of(Unread), table_of(Shift)


class UnreadPage(NamedTuple):
    """How many items there are, some of them, and the refs of those who were on duty when they came."""

    matched: int
    items: list[dict[str, Any]]
    carriers: set[str]


def unread_page(session: Session, page: Page, person_id: int | None) -> UnreadPage:
    """Return what this session may see of what is no fix, the newest first: `device`, `cell_code`, times, reason, body.

    The body is None where it is not to be shown, and "" where it has been let go. `person_id`: whose own keys show all.
    """
    columns = (Token.name.label("device"), Token.cell_code, Token.person_id)
    asked = select(*UNREAD.c, *columns).join(Token, Token.id == UNREAD.c.token_id).where(visible(session, UNREAD))
    matched, rows = page_of(session, asked.order_by(UNREAD.c.id.desc()), page)
    duties = _duties(session, rows)
    items, carriers = [], set()
    for row in rows:
        carrier = _carrier(row, duties)
        is_own = row["person_id"] is not None and row["person_id"] == person_id
        items.append({**row, "body": row["body"] if carrier or is_own else None})
        carriers |= {carrier} if carrier else set()
    return UnreadPage(matched, items, carriers)


def _duties(session: Session, rows: Sequence[Any]) -> list[Any]:
    """Return the shifts on the devices of some items."""
    asked = select(SHIFT.c.token_id, SHIFT.c.started_at, SHIFT.c.ended_at, Patroller.ref)
    of_them = SHIFT.c.token_id.in_({row["token_id"] for row in rows})
    with seeing_everything(session):
        return list(session.execute(asked.join(Patroller, Patroller.id == SHIFT.c.patroller_id).where(of_them)))


def _carrier(row: Any, duties: Sequence[Any]) -> str | None:
    moment = _moment(row)
    its = (duty for duty in duties if duty.token_id == row["token_id"])
    return next((duty.ref for duty in its if duty.started_at <= moment < duty.ended_at), None)


def _moment(row: Any) -> datetime:
    """Return when an item was measured, where it says so as we write it, else when it came."""
    received_at: datetime = row["received_at"]
    try:
        said = read_time(json.loads(row["body"])["fix_at"])
    except (ValueError, TypeError, KeyError, OverflowError):
        return received_at
    return min(said, received_at) if said.tzinfo else received_at
