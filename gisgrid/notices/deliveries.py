"""What became of notices, for whoever runs the service; and putting those in again that were given up."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final, Literal, NamedTuple

from sqlalchemy import CursorResult, func, select, update
from sqlalchemy.orm import Session

from gisgrid.errors import NotFound
from gisgrid.notices.deliver import DELIVERY
from gisgrid.notices.tables import Endpoint, Told

State = Literal["waiting", "delivered", "given_up"]


class NothingToRetry(NotFound):
    """No delivery of that number was given up, or none at all."""


class Listed(NamedTuple):
    """A delivery as it is listed; `endpoint` is the name of its endpoint, if it has one."""

    id: int
    topic: str
    subject: str
    endpoint: str | None
    attempts: int
    made_at: datetime
    next_at: datetime | None
    delivered_at: datetime | None
    given_up_at: datetime | None
    last_error: str

    @property
    def state(self) -> State:
        """How it stands."""
        if self.delivered_at is not None:
            return "delivered"
        return "waiting" if self.given_up_at is None else "given_up"


def deliveries(session: Session, limit: int, *, is_failed: bool = False) -> list[Listed]:
    """Return deliveries, the newest first; if asked, those alone that failed: given up, or to be tried again."""
    columns: list[Any] = [DELIVERY.c.id, Told.topic, Told.subject_zh, Endpoint.name, DELIVERY.c.attempts, Told.made_at]
    columns += [DELIVERY.c[name] for name in ("next_at", "delivered_at", "given_up_at", "last_error")]
    asked = select(*columns).join(Told, Told.id == DELIVERY.c.outbox_id)
    asked = asked.outerjoin(Endpoint, Endpoint.id == DELIVERY.c.endpoint_id)
    if is_failed:
        asked = asked.where(DELIVERY.c.delivered_at.is_(None), DELIVERY.c.last_error != "")
    return [Listed(*row) for row in session.execute(asked.order_by(DELIVERY.c.id.desc()).limit(limit))]


def counted(session: Session) -> dict[State, int]:
    """Return how many deliveries stand how."""
    states: Final[dict[State, Any]] = {
        "waiting": DELIVERY.c.next_at.is_not(None),
        "delivered": DELIVERY.c.delivered_at.is_not(None),
        "given_up": DELIVERY.c.given_up_at.is_not(None),
    }
    return {
        state: session.scalar(select(func.count()).select_from(DELIVERY).where(where)) or 0
        for state, where in states.items()
    }


def retry(session: Session, numbers: Sequence[int] = ()) -> int:
    """Put in again what was given up, or some of it by its numbers; return how many. Raises NothingToRetry."""
    now = datetime.now(UTC)
    again = update(DELIVERY).where(DELIVERY.c.given_up_at.is_not(None))
    if numbers:
        again = again.where(DELIVERY.c.id.in_(numbers))
    anew = {"given_up_at": None, "next_at": now, "queued_at": now, "attempts": 0}
    done = session.execute(again.values(**anew))
    count = done.rowcount if isinstance(done, CursorResult) else 0
    if not count:
        raise NothingToRetry(
            "没有已放弃的通知可重发;查看:gisgrid notices list --failed",
            "nothing that was given up is there to be sent again; see: gisgrid notices list --failed",
        )
    return count
