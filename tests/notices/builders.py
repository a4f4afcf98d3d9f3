"""Notices, endpoints and what became of deliveries, for tests."""

from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import Engine, select

from gisgrid.database import session_scope
from gisgrid.notices.endpoints import Wish, add_endpoint
from gisgrid.notices.outbox import Notice, endpoints_for, post
from gisgrid.notices.tables import Delivery
from gisgrid.settings import Settings

NOTICE = Notice(
    "emergency",
    "紧急:E0401",
    "葵涌社区\n编号 7",
    "Emergency: E0401",
    "Kuichong; number 7",
    "/incidents/7",
    ("incident", 7),
)


def soon() -> datetime:
    """Return a time at which what was put in just now is due."""
    return datetime.now(UTC)


def an_endpoint(engine: Engine, settings: Settings, address: str, name: str = "群", **wish: object) -> str:
    """Add an endpoint; return its secret."""
    with session_scope(engine, write=True) as session:
        return add_endpoint(session, settings, Wish(name, address, **wish)).secret  # type: ignore[arg-type]


def tell(engine: Engine, notice: Notice = NOTICE, cells: Sequence[str] = ()) -> None:
    """Put a notice into the outbox for whoever hears of it."""
    with session_scope(engine, write=True) as session:
        post(session, notice, endpoints_for(session, notice.topic, cells))


def kept(engine: Engine) -> list[Delivery]:
    """Return the deliveries, in order."""
    with session_scope(engine) as session:
        return list(session.scalars(select(Delivery).order_by(Delivery.id)))
