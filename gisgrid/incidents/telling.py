"""What those outside hear of an incident: the endpoints that wait for it, in the transaction in which it happens.

A notice carries number, kind, cell and deadline, never what somebody described; of what is confidential no kind.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from gisgrid.grid.kin import lineage
from gisgrid.incidents.kinds.stored import Editions
from gisgrid.notices.outbox import Notice, Topic, endpoints_for, post


@dataclass(frozen=True, slots=True)
class News:
    """What is told of an incident: `zh` and `en` say what happened, `due_at` until when something is to be done.

    `link` is where to look; the page of the incident, if it is "". `answering` is the cell that answers for it now.
    """

    topic: Topic
    zh: str
    en: str
    answering: str | None
    due_at: datetime | None = None
    link: str = ""


def tell(session: Session, zone: ZoneInfo, incident: Mapping[str, Any], news: News) -> None:
    """Put a notice on an incident, as its row, into the outbox, if anybody waits for such."""
    to = endpoints_for(session, news.topic, lineage(session, news.answering) if news.answering else ())
    if to:
        post(session, _notice(session, zone, incident, news), to)


def _notice(session: Session, zone: ZoneInfo, incident: Mapping[str, Any], news: News) -> Notice:
    kind = Editions(session).kind_at(incident["kind"], incident["reported_at"], zone)
    is_told = kind is not None and not incident["is_confidential"]
    kind_zh, kind_en = (kind.name_zh, kind.name_en) if is_told and kind else ("保密", "confidential")
    local = "" if news.due_at is None else f"{news.due_at.astimezone(zone):%Y-%m-%d %H:%M}"
    where = news.answering or "-"
    return Notice(
        news.topic,
        f"{news.zh}:{incident['number']}",
        f"{kind_zh},网格 {where}" + (f",期限 {local}" if local else ""),
        f"{news.en}: {incident['number']}",
        f"{kind_en}, cell {where}" + (f", due {local}" if local else ""),
        link=news.link or f"/incidents/{incident['id']}",
        about=("incident", incident["id"]),
    )
