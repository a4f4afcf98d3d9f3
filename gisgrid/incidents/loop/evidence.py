"""Photos and documents of an incident: added to it, listed, and what of them proves that something was done."""

from datetime import datetime
from typing import Any, Final, Literal, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from gisgrid.attachments.document import Document
from gisgrid.attachments.photo import Photo
from gisgrid.attachments.store import Fetched, fetch, keep
from gisgrid.attachments.tables import Attachment
from gisgrid.audit.record import Actor, record
from gisgrid.errors import NotFound, Refused
from gisgrid.incidents.reports import require_incident
from gisgrid.incidents.tables import Exhibit
from gisgrid.once import store_once, table_of
from gisgrid.sight import visible

EXHIBIT, ATTACHMENT = table_of(Exhibit), table_of(Attachment)
MOST: Final = 30
"""Photos and documents of one incident."""

Shows = Literal["found", "done"]


class TooManyExhibits(Refused):
    """An incident that has all the photos and documents it may have."""


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

    Raises NoSuchIncident, TooManyExhibits.
    """
    require_incident(session, incident, lock=True)
    if len(exhibits(session, incident)) >= MOST:
        raise TooManyExhibits(
            f"一件事件至多 {MOST} 个照片和文书", f"an incident has at most {MOST} photos and documents"
        )
    kept = keep(session, content, now)
    row = {
        "incident_id": incident,
        "hash": kept.hash,
        "shows": shows,
        "caption": caption,
        "added_by": actor.id if actor.kind == "person" else None,
        "added_at": now,
        **_said_by(content),
    }
    (arrival,) = store_once(session, EXHIBIT, [row], ("incident_id", "hash"))
    number: int = arrival.row["id"]
    if arrival.status == "stored":
        record(session, actor, "incident.exhibit_added", ("incident", incident), exhibit=number)
    return number


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


def evidence_of(session: Session, incident: int) -> Evidence:
    """Return what there is on record that shows what was done."""
    done = [each["media_type"] for each in exhibits(session, incident) if each["shows"] == "done"]
    return Evidence(any(each.startswith("image/") for each in done), "application/pdf" in done)
