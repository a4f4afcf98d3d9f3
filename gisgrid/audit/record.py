"""Writing an entry, in the transaction of the act that it records: both are there or neither."""

from datetime import UTC, datetime
from typing import Any, Literal, NamedTuple

from sqlalchemy import Row, bindparam, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from gisgrid.audit.chain import START, canonical, hash_of, in_utc
from gisgrid.audit.tables import AuditAnchor, AuditEntry, AuditHead
from gisgrid.errors import Unavailable
from gisgrid.once import table_of

ENTRIES, HEAD, ANCHORS = table_of(AuditEntry), table_of(AuditHead), table_of(AuditAnchor)
ONLY = 1
"""The row of the head."""

# made once: making them takes longer than hashing an entry and sending it
LAST = select(HEAD.c.number, HEAD.c.hash).with_for_update()
ADD = insert(ENTRIES)
MOVE = update(HEAD).values(number=bindparam("last"), hash=bindparam("ending"))

Plain = str | int | float | bool | None
Detail = Plain | list[str] | list[int] | list[Plain]


class HeadGone(Unavailable):
    """The row that says where the audit ends has been removed: nothing can be recorded."""


class Actor(NamedTuple):
    """Who acts: a kind, and the number of the person's, or of the device's or board's token's, row."""

    kind: Literal["person", "device", "board", "operator", "program"]
    id: int | None = None


OPERATOR = Actor("operator")
"""Whoever is at the command line."""
PROGRAM = Actor("program")
"""What happens by itself."""


def record(
    session: Session, actor: Actor, action: str, subject: tuple[str, int] | None = None, **detail: Detail
) -> None:
    """Add an entry to the chain, in a session that writes; it is committed with the act.

    `action` is in dotted words, as `sign_in.failed`. `subject` is a kind and the number of its row. `detail` never
    holds tokens, passwords, positions or names of people. Other writers wait until the commit: record last.
    Raises HeadGone.
    """
    kind, identifier = subject or (None, None)
    last = _last(session)
    entry: dict[str, Any] = {
        "number": last.number + 1,
        "at": now(),
        "actor": actor.kind,
        "actor_id": actor.id,
        "action": action,
        "subject": kind,
        "subject_id": identifier,
        "detail": detail_text(detail),
        "previous_hash": last.hash,
    }
    entry["hash"] = hash_of({**entry, "at": in_utc(entry["at"])})
    session.execute(ADD, entry)
    session.execute(MOVE, {"last": entry["number"], "ending": entry["hash"]})


def now() -> datetime:
    """Return the time at which an entry is written."""
    return datetime.now(UTC)


def detail_text(detail: dict[str, Detail]) -> str:
    """Return a detail as it is stored. Raises TypeError if it holds more than plain values and lists of them."""
    for name, value in detail.items():
        for plain in value if isinstance(value, list) else [value]:
            if not isinstance(plain, str | int | float | None):
                raise TypeError(f"{name}: {type(plain).__name__} in the detail of an audit entry")
    return canonical(detail)


def _last(session: Session) -> Row[Any, Any]:
    """Return number and hash of the last entry; its row stays locked until the transaction ends."""
    if not session.connection().get_execution_options().get("write"):
        raise RuntimeError("an audit entry in a session that does not commit")
    last = session.execute(LAST).first()
    if last is None:
        _begin(session)
        last = session.execute(LAST).one()
    return last


def _begin(session: Session) -> None:
    """Make the head of an empty chain, unless another writer does so at the same time."""
    kind = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    made = kind.insert(HEAD).values(id=ONLY, number=0, hash=START).on_conflict_do_nothing().returning(HEAD.c.id)
    if session.execute(made).first() and _has_begun(session):
        raise HeadGone(
            "审计记录的链尾已被删除,无法继续记录;请运行 gisgrid audit verify 查明,再恢复备份",
            "the end of the audit has been removed and nothing can be recorded; see: gisgrid audit verify, then "
            "restore a backup",
        )


def _has_begun(session: Session) -> bool:
    return any(session.execute(select(table.c.number).limit(1)).first() for table in (ENTRIES, ANCHORS))
