"""Photos and documents of an incident: added to it, listed, and what of them proves that something was done."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, Literal, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from gisgrid.attachments.document import Document
from gisgrid.attachments.photo import Photo
from gisgrid.attachments.store import Fetched, fetch, keep
from gisgrid.attachments.tables import Attachment
from gisgrid.audit.record import Actor, record
from gisgrid.errors import Conflict, Forbidden, NotFound, Refused
from gisgrid.incidents.lifecycle import SHOW_DONE, STATES, Hand, State
from gisgrid.incidents.loop.hands import hands_of
from gisgrid.incidents.loop.steps import round_began, steps_of
from gisgrid.incidents.reporter import reporter_of
from gisgrid.incidents.reports import require_incident
from gisgrid.incidents.tables import Exhibit
from gisgrid.once import store_once, table_of
from gisgrid.sight import visible
from gisgrid.staff.caller import Caller, roles_of

EXHIBIT, ATTACHMENT = table_of(Exhibit), table_of(Attachment)
MOST: Final = 30
"""Photos and documents of one incident."""

Shows = Literal["found", "done"]


class TooManyExhibits(Refused):
    """An incident that has all the photos and documents it may have."""


class NotInHand(Conflict):
    """A photo of what was done, of an incident that has come to its end."""


class NotYourWork(Forbidden):
    """A photo of what was done, by somebody who neither handles the incident nor checks it."""


class ShownBefore(Conflict):
    """A file that is to show what was done, and is on record as something else already."""


class NoSuchExhibit(NotFound):
    """The incident has no photo or document of that number."""


class Evidence(NamedTuple):
    """What there is that shows what was done."""

    has_photo: bool
    has_document: bool


def add_exhibit(
    session: Session, actor: Actor, incident: int, content: Photo | Document, shows: Shows, caption: str, now: datetime
) -> int:
    """Add a photo or document to an incident that may be seen; return its number. The same one twice is once.

    What was found is shown by whoever sees the incident, what was done by those in whose hands it is.
    Raises NoSuchIncident, NotInHand, NotYourWork, TooManyExhibits, ShownBefore.
    """
    row = require_incident(session, incident, lock=True)
    if shows == "done":
        _require_showing(row["state"], _hands(session, actor, row, now))
    if len(exhibits(session, incident)) >= MOST:
        raise TooManyExhibits(
            f"一件事件至多 {MOST} 个照片和文书", f"an incident has at most {MOST} photos and documents"
        )
    kept = keep(session, content, now)
    added = {
        "incident_id": incident,
        "hash": kept.hash,
        "shows": shows,
        "caption": caption,
        "added_by": actor.id if actor.kind == "person" else None,
        "added_at": now,
        **_said_by(content),
    }
    (arrival,) = store_once(session, EXHIBIT, [added], ("incident_id", "hash"))
    if shows == "done" and not _shows_done(arrival.row, round_began(steps_of(session, incident))):
        raise ShownBefore(
            "这个文件已在案:是发现时的,或重新办理、核查不通过之前的;请另附新的",
            "this file is on record already, as found or from before the incident was reopened or failed its check: "
            "add a new one",
        )
    number: int = arrival.row["id"]
    if arrival.status == "stored":
        record(session, actor, "incident.exhibit_added", ("incident", incident), exhibit=number)
    return number


def _require_showing(state: State, hands: frozenset[Hand]) -> None:
    """Check that who holds an incident so may show what was done. Raises NotInHand, NotYourWork."""
    if state not in SHOW_DONE:
        zh, en = STATES[state]
        raise NotInHand(
            f"“{zh}”的案件不再收处置照片;请先重新办理,或作为发现时的照片(found)添加",
            f"an incident that is {en} takes no photo of what was done: reopen it first, or add it as found",
        )
    if not hands & SHOW_DONE[state]:
        raise NotYourWork(
            "处置照片由承办部门、经办人或核查人添加;请先派遣到您的部门,或作为发现时的照片(found)添加",
            "what was done is shown by whoever handles the incident or checks it: have it dispatched to your "
            "department first, or add the photo as found",
        )


def _hands(session: Session, actor: Actor, row: dict[str, Any], now: datetime) -> frozenset[Hand]:
    """Return in what capacity somebody holds an incident; behind a phone stands whoever is signed on to it."""
    person = reporter_of(session, Caller("device", actor.id), now) if actor.kind == "device" else actor.id
    if person is None:
        return frozenset()
    return hands_of(session, Caller("person", person=person, roles=roles_of(session, person)), row)


def _shows_done(row: Mapping[str, Any], since: datetime | None) -> bool:
    """Tell whether an exhibit shows what was done in the round of work that began then; None is the first."""
    return row["shows"] == "done" and (since is None or row["added_at"] > since)


def _said_by(content: Photo | Document) -> dict[str, Any]:
    if not isinstance(content, Photo):
        return {"longitude": None, "latitude": None, "taken_at": None}
    taken_at = None if content.taken_at is None else content.taken_at.isoformat(sep=" ")
    return {"longitude": content.longitude, "latitude": content.latitude, "taken_at": taken_at}


def exhibits(session: Session, incident: int) -> list[dict[str, Any]]:
    """Return the photos and documents of an incident that may be seen, in the order in which they were added."""
    facts = [ATTACHMENT.c[name] for name in ("media_type", "size", "width", "height")]
    asked = select(*EXHIBIT.c, *facts).join(ATTACHMENT, ATTACHMENT.c.hash == EXHIBIT.c.hash)
    its = asked.where(visible(session, EXHIBIT), EXHIBIT.c.incident_id == incident)
    return [dict(row) for row in session.execute(its.order_by(EXHIBIT.c.id)).mappings()]


def exhibit(session: Session, incident: int, number: int) -> Fetched:
    """Return a photo or document of an incident that may be seen. Raises NoSuchIncident, NoSuchExhibit."""
    require_incident(session, incident)
    its = (visible(session, EXHIBIT), EXHIBIT.c.incident_id == incident, EXHIBIT.c.id == number)
    name = session.scalar(select(EXHIBIT.c.hash).where(*its))
    if name is None:
        raise NoSuchExhibit("没有这个编号的附件", "there is no photo or document with that number")
    return fetch(session, name)


def evidence_of(session: Session, incident: int, since: datetime | None) -> Evidence:
    """Return what there is on record that shows what was done, since the present round of work began."""
    done = [each["media_type"] for each in exhibits(session, incident) if _shows_done(each, since)]
    return Evidence(any(each.startswith("image/") for each in done), "application/pdf" in done)
