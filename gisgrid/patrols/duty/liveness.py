"""Whether a device, or whoever carries it, is alive: by its fixes, its heartbeats and the use of its token. Pure.

A fix dated ahead of its arrival proves nothing: whoever calls leaves it out.
"""

from datetime import datetime, timedelta
from typing import NamedTuple


class Signs(NamedTuple):
    """When something was last heard: the times of the last fix that is not ahead, the last heartbeat, a request."""

    fix_at: datetime | None = None
    beat_at: datetime | None = None
    used_at: datetime | None = None


class Life(NamedTuple):
    """When something was last heard, None for never, and whether it has been silent too long since."""

    alive_at: datetime | None
    is_silent: bool


def life(signs: Signs, since: datetime | None, now: datetime, silent_minutes: float) -> Life:
    """Tell how alive a device is. `since`: when its shift began; nobody is silent before, and None is never."""
    heard = [min(sign, now) for sign in signs if sign is not None]
    alive_at = max(heard, default=None)
    last = max([*heard, *([since] if since else [])], default=None)
    is_silent = last is None or now - last > timedelta(minutes=silent_minutes)
    return Life(alive_at, is_silent)


def minutes_since(moment: datetime | None, now: datetime) -> int | None:
    """Return the whole minutes since a time, None where there was none."""
    return None if moment is None else max(0, int((now - moment).total_seconds() // 60))
