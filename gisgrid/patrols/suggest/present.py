"""Suggested rounds in the words of the wire."""

import json
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from gisgrid.once import table_of
from gisgrid.patrols.suggest.schemas import SuggestionRecord
from gisgrid.patrols.suggest.tables import Suggestion
from gisgrid.sight import seeing_everything, visible
from gisgrid.staff.tables import Person

SUGGESTION: Final = table_of(Suggestion)
AT_A_TIME: Final = 100


def suggestions_now(session: Session, now: datetime, *, ids: tuple[int, ...] | None = None) -> list[SuggestionRecord]:
    """Return the suggested rounds that this session may see and that hold, the newest first, at most AT_A_TIME."""
    asked = select(Suggestion, Person).join(Person, Person.id == SUGGESTION.c.person_id)
    asked = asked.where(visible(session, SUGGESTION), SUGGESTION.c.expires_at > now)
    if ids is not None:
        asked = asked.where(SUGGESTION.c.id.in_(ids))
    rows = session.execute(asked.order_by(SUGGESTION.c.id.desc()).limit(AT_A_TIME))
    return [_record(made, person) for made, person in rows]


def own_suggestion(session: Session, person_id: int, now: datetime) -> SuggestionRecord | None:
    """Return the newest round that is suggested to a person and still holds, if there is one."""
    with seeing_everything(session):
        asked = select(SUGGESTION.c.id).where(visible(session, SUGGESTION), SUGGESTION.c.person_id == person_id)
        newest = session.scalar(asked.order_by(SUGGESTION.c.id.desc()).limit(1))
        found = [] if newest is None else suggestions_now(session, now, ids=(newest,))
    return found[0] if found else None


def _record(made: Suggestion, person: Person) -> SuggestionRecord:
    places: list[dict[str, Any]] = json.loads(made.places)
    own = {column.name: getattr(made, column.name) for column in SUGGESTION.c}
    last = places[-1]
    told = {
        "person": person.name,
        "person_name": person.full_name or person.name,
        "places": places,
        "line": json.loads(made.line),
        "walk_s": sum(each["walk_s"] for each in places),
        "total_s": last["arrive_s"] + last["stay_s"],
    }
    return SuggestionRecord.model_validate({**own, **told})
