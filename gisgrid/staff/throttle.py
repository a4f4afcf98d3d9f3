"""Wrong credentials are counted, and after some of them no more are looked at for a while.

Counted in the database, so that it holds across workers and restarts. A trial is charged before it is looked at: of
many at the same moment no more than the limit get through.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from math import ceil
from typing import Final, NamedTuple

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from gisgrid.errors import TooOften
from gisgrid.locks import be_alone
from gisgrid.staff.tables import Attempt

WINDOW: Final = timedelta(minutes=15)
FEW: Final = 5
"""Wrong ones that one person may have in a window."""
MANY: Final = 20
"""Wrong ones that may come from one address, behind which a whole office may sit."""


class TooManyFailures(TooOften):
    """Nothing more from there is looked at for a while."""


class Limit(NamedTuple):
    """How many trials of a key may be wrong; one that others share is not wiped clean by somebody's success."""

    key: str
    most: int = FEW
    is_shared: bool = False


class Charge(NamedTuple):
    """A trial that counts as wrong until it is taken back."""

    limit: Limit
    attempt_id: int


def charge(session: Session, limits: Iterable[Limit]) -> list[Charge]:
    """Count a trial as wrong under each limit, the narrowest first. Raises TooManyFailures, and then counts nothing."""
    asked = list(limits)
    for limit in asked:
        require_calm(session, limit.key, limit.most)
    return [Charge(limit, note_failure(session, limit.key)) for limit in asked]


def take_back(session: Session, charges: Iterable[Charge]) -> None:
    """Take back a trial that proved right, and whatever went wrong before under limits that are nobody else's."""
    for limit, attempt_id in charges:
        if limit.is_shared:
            session.execute(delete(Attempt).where(Attempt.id == attempt_id))
        else:
            forget(session, limit.key)


def require_calm(session: Session, key: str, limit: int = MANY) -> None:
    """Check that fewer trials of a key than the limit were wrong of late. Raises TooManyFailures.

    Until the transaction ends, nobody else is counted under the key.
    """
    be_alone(session, int(_hashed(key)[:15], 16))
    now = datetime.now(UTC)
    late = select(Attempt.at).where(Attempt.key == _hashed(key), Attempt.at > now - WINDOW)
    recent = session.scalars(late.order_by(Attempt.at.desc()).limit(limit)).all()
    if len(recent) >= limit:
        wait_s = max(1, ceil((recent[-1] + WINDOW - now).total_seconds()))
        raise TooManyFailures(
            f"错误次数过多,请 {ceil(wait_s / 60)} 分钟后再试;或请管理员给一个一次性登录链接",
            f"too many wrong ones; try again in {ceil(wait_s / 60)} minutes, or ask an administrator for a one-time "
            "sign-in link",
            wait_s,
        )


def note_failure(session: Session, key: str) -> int:
    """Count a wrong credential, forgetting those that are out of date; return its row."""
    now = datetime.now(UTC)
    # another transaction may be forgetting the same ones
    old = select(Attempt.id).where(Attempt.at <= now - WINDOW).with_for_update(skip_locked=True)
    session.execute(delete(Attempt).where(Attempt.id.in_(old)))
    attempt = Attempt(key=_hashed(key), at=now)
    session.add(attempt)
    session.flush()
    return attempt.id


def forget(session: Session, key: str) -> None:
    """Begin to count anew."""
    session.execute(delete(Attempt).where(Attempt.key == _hashed(key)))


def _hashed(key: str) -> str:
    """Return what is kept of a key, which may hold a name."""
    return sha256(key.encode("utf-8", "surrogatepass")).hexdigest()
