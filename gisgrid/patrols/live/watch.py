"""What goes on now, for whoever watches: each source tells its state, and the stream what of it has changed.

A state is a mapping; what is sent of it is a JSON merge patch (RFC 7396): values that changed, null for what is gone.
Nothing that happens can so be lost, whichever worker stored it, and whatever was missed meanwhile.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from gisgrid.database import session_scope
from gisgrid.parameters import Page
from gisgrid.patrols.alarms.calls import alarms_page
from gisgrid.patrols.doubts.review import FIX, QUARANTINE, quarantined
from gisgrid.patrols.duty.on_duty import duties_seen
from gisgrid.patrols.duty.shift_routes import actor_of
from gisgrid.patrols.judge import names_of
from gisgrid.patrols.plans.present import open_gaps, rounds_of_day
from gisgrid.patrols.reading import note_reading, unread_of_late
from gisgrid.settings import Settings
from gisgrid.sight import Sight, seeing, visible
from gisgrid.staff.caller import Caller, sight_for, still
from gisgrid.staff.roles import Permission

State = dict[str, Any]
States = dict[str, State]

MOST_ALARMS: Final = Page(limit=50, offset=0)
LOOK_ON: Final = timedelta(hours=1)
"""Whoever goes on watching is not recorded anew before, however often their connection breaks."""


class Source(NamedTuple):
    """Something to be watched, by whoever has a permission.

    `look` tells its state, within the sight of the session. `is_reading`: its keys are the refs of patrollers, whose
    tracks are so read. `every_s`: what takes long to work out is not worked out anew before.
    """

    name: str
    permission: Permission
    look: Callable[[Session, Settings, datetime], State]
    is_reading: bool = False
    every_s: float = 0.0


def _counts(session: Session, settings: Settings, now: datetime) -> State:
    duties = duties_seen(session, settings, now).values()
    return {"on_duty": len(duties), "silent": sum(each["is_silent"] for each in duties)}


def _doubts(session: Session, _: Settings, __: datetime) -> State:
    asked = select(FIX.c.id, FIX.c.received_at, FIX.c.flags).where(visible(session, FIX), *QUARANTINE)
    newest = session.execute(asked.order_by(FIX.c.received_at.desc(), FIX.c.id.desc()).limit(1)).first()
    told = None
    if newest is not None:
        at = newest.received_at.isoformat(timespec="seconds")
        told = {"id": newest.id, "received_at": at, "flags": names_of(newest.flags)}
    return {"waiting": quarantined(session), "newest": told}


def _alarms(session: Session, _: Settings, __: datetime) -> State:
    """Tell of the calls for help that nobody has acknowledged, by their numbers."""
    rows = alarms_page(session, MOST_ALARMS, is_open=True)[1]
    return {str(row["id"]): _alarm(row) for row in rows}


def _alarm(row: dict[str, Any]) -> dict[str, Any]:
    told = {name: row[name] for name in ("patroller", "name", "device", "longitude", "latitude", "words")}
    return {**told, "raised_at": row["raised_at"].isoformat(timespec="seconds")}


def _rounds(session: Session, settings: Settings, now: datetime) -> State:
    """Tell how many of today's rounds stand how, and how many gaps are open."""
    today = now.astimezone(settings.zone).date()
    rounds = rounds_of_day(session, settings, today, now).rounds
    return {**Counter(each.state for each in rounds), "gaps": open_gaps(session)}


SOURCES: Final = (
    Source("duty", "coverage", _counts),
    Source("alarms", "tracks", _alarms),
    Source("positions", "tracks", duties_seen, is_reading=True),
    Source("rounds", "tracks", _rounds, every_s=15.0),
    Source("doubts", "tracks", _doubts),
)
"""What there is to be watched in patrols; the application adds what others tell."""


class _Kept(NamedTuple):
    """A state as it was at a time, for whoever saw so far."""

    state: State
    sight: Sight
    at: datetime


class Watch:
    """Somebody who watches, once or for hours: who they are is looked at anew each time.

    `purpose` is None for those who see no tracks; without one they are told of none.
    """

    def __init__(self, engine: Engine, settings: Settings, sources: Sequence[Source], caller: Caller) -> None:
        self._engine, self._settings, self._sources, self._caller = engine, settings, sources, caller
        self._recorded: set[str] = set()
        self._kept: dict[str, _Kept] = {}

    def look(self, purpose: str | None) -> States | None:
        """Return the states that the caller may see now; None once they may see none."""
        now = datetime.now(UTC)
        with session_scope(self._engine) as session:
            caller = still(session, self._caller)
            sources = [each for each in self._sources if _may(caller, each, purpose)]
            permission: Permission = "tracks" if caller.may("tracks") else "coverage"
            sight = sight_for(session, caller, permission)
            with seeing(session, sight):
                states = {each.name: self._state(session, each, sight, now) for each in sources}
        read = {ref for each in sources if each.is_reading for ref in states[each.name]}
        self._record(read - self._recorded, purpose or "", now)
        return states if sources else None

    def _state(self, session: Session, source: Source, sight: Sight, now: datetime) -> State:
        kept = self._kept.get(source.name)
        if kept is None or kept.sight != sight or now - kept.at >= timedelta(seconds=source.every_s):
            kept = self._kept[source.name] = _Kept(source.look(session, self._settings, now), sight, now)
        return kept.state

    def _record(self, refs: set[str], purpose: str, now: datetime) -> None:
        """Record, before anything is told, whose tracks are read."""
        actor = actor_of(self._caller)
        with session_scope(self._engine) as session:
            new = unread_of_late(session, actor, refs, purpose, now - LOOK_ON) if refs else set()
        if new:
            with session_scope(self._engine, write=True) as session:
                note_reading(session, actor, new, purpose, but=self._caller.person)
        self._recorded |= refs


def _may(caller: Caller, source: Source, purpose: str | None) -> bool:
    return caller.may(source.permission) and (purpose is not None or source.permission != "tracks")


def changes(told: Mapping[str, State], states: Mapping[str, State]) -> Iterator[tuple[str, State]]:
    """Yield the name and the patch of each source whose state is another than was told."""
    for name in dict.fromkeys((*told, *states)):
        before, after = told.get(name, {}), states.get(name, {})
        patch = {key: value for key, value in after.items() if key not in before or before[key] != value}
        patch |= dict.fromkeys(key for key in before if key not in after)
        if patch or (name in states and name not in told):
            yield name, patch


def event(name: str, data: State) -> str:
    """Return a server-sent event."""
    return f"event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"
