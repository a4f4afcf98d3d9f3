"""Locks that PostgreSQL keeps until a transaction ends. On SQLite whoever writes is alone anyway."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session


def share(session: Session, *key: int) -> None:
    """Wait until nobody is alone under a key (a number of 64 bits, or two of 32), and keep everybody from being so."""
    _take(session, "pg_advisory_xact_lock_shared", key)


def be_alone(session: Session, *key: int) -> None:
    """Wait until nobody has taken a lock under a key, and keep everybody from taking one."""
    _take(session, "pg_advisory_xact_lock", key)


def _take(session: Session, name: str, key: tuple[int, ...]) -> None:
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(getattr(func, name)(*key)))
