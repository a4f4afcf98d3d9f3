"""What goes on now, for whoever watches: each source tells its state, and the stream what of it has changed.

A state is a mapping; what is sent of it is a JSON merge patch (RFC 7396): values that changed, null for what is gone.
Nothing that happens can so be lost, whichever worker stored it, and whatever was missed meanwhile.
"""

import json
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from gisgrid.database import session_scope
from gisgrid.patrols.duty.shift_routes import actor_of
from gisgrid.patrols.reading import note_reading, unread_of_late
from gisgrid.settings import Settings
from gisgrid.sight import Sight, seeing
from gisgrid.staff.caller import Caller, sight_for, still
from gisgrid.staff.roles import Permission

State = dict[str, Any]
States = dict[str, State]

LOOK_ON: Final = timedelta(hours=1)
"""Whoever goes on watching is not recorded anew before, however often their connection breaks."""


class Source(NamedTuple):
    """Something to be watched, by whoever has a permission, within their sight by it.

    `look` tells its state. `tells_persons`: only for a purpose that is said. `is_reading`: its keys are the refs of
    patrollers, whose tracks are so read. `every_s`: what takes long to work out is not worked out anew before, unless
    what `version` returns, which costs little, has become another.
    """

    name: str
    permission: Permission
    look: Callable[[Session, Settings, datetime], State]
    tells_persons: bool = False
    is_reading: bool = False
    every_s: float = 0.0
    version: Callable[[Session], Hashable] | None = None


class _Kept(NamedTuple):
    """A state as it was at a time, for whoever saw so far."""

    state: State
    sight: Sight
    at: datetime
    version: Hashable


class Watch:
    """Somebody who watches, once or for hours: who they are is looked at anew each time.

    `purpose` is None where none was said; they are then told of no persons.
    """

    def __init__(self, engine: Engine, settings: Settings, sources: Sequence[Source], caller: Caller) -> None:
        self._engine, self._settings, self._sources, self._caller = engine, settings, sources, caller
        self._recorded: set[str] = set()
        self._kept: dict[str, _Kept] = {}

    def look(self, purpose: str | None) -> States | None:
        """Return the states that the caller may see now; None once they may see none."""
        now = datetime.now(UTC)
        states: States = {}
        with session_scope(self._engine) as session:
            caller = still(session, self._caller)
            sources = [each for each in self._sources if _may(caller, each, purpose)]
            for permission in dict.fromkeys(each.permission for each in sources):
                sight = sight_for(session, caller, permission)
                with seeing(session, sight):
                    theirs = [each for each in sources if each.permission == permission]
                    states |= {each.name: self._state(session, each, sight, now) for each in theirs}
        read = {ref for each in sources if each.is_reading for ref in states[each.name]}
        self._record(read - self._recorded, purpose or "", now)
        return states if sources else None

    def _state(self, session: Session, source: Source, sight: Sight, now: datetime) -> State:
        kept = self._kept.get(source.name)
        version = source.version(session) if source.version else None
        is_new = kept is None or kept.sight != sight or kept.version != version
        if kept is None or is_new or now - kept.at >= timedelta(seconds=source.every_s):
            kept = _Kept(source.look(session, self._settings, now), sight, now, version)
            self._kept[source.name] = kept
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
    """Tell whether somebody may watch a source; the public is told nothing of the present."""
    is_said = purpose is not None or not source.tells_persons
    return caller.kind != "public" and caller.may(source.permission) and is_said


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
