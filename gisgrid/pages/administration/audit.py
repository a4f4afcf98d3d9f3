"""The audit, to be searched and proved whole by whoever has nothing else to do here."""

import re
from typing import Annotated, Any, NamedTuple
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse
from sqlalchemy import select
from sqlalchemy.orm import Session

from gisgrid.audit.finding import entries_page
from gisgrid.audit.heads import FILE, heads_folder, read_heads
from gisgrid.audit.record import HEAD
from gisgrid.audit.verify import MOST, verify
from gisgrid.database import session_scope
from gisgrid.errors import GisgridError, NotFound
from gisgrid.pages.administration.actions import ACTIONS, told_of
from gisgrid.pages.called import Both, Called, people_called, tokens_called
from gisgrid.pages.frame import PAGES, page
from gisgrid.pages.paging import OffsetQuery, turned
from gisgrid.parameters import Page, Period
from gisgrid.settings import Settings
from gisgrid.staff.people import key_of
from gisgrid.staff.tables import Person

router = APIRouter(prefix="/audit", tags=["audit"], responses=PAGES, default_response_class=HTMLResponse)

AT_A_TIME = 100
NUMBERED = re.compile(r"#(\d{1,15})")
"""A person by the number of their row: whoever was erased has no name any more."""
KINDS = {
    "operator": Both("命令行", "command line"),
    "program": Both("系统", "the system"),
    "person": Both("人员", "person"),
    "device": Both("手机", "phone"),
    "board": Both("大屏", "board"),
    "token": Both("令牌", "token"),
    "department": Both("部门", "department"),
    "incident": Both("事件", "incident"),
    "patroller": Both("巡查员", "patroller"),
    "layer_set": Both("网格图层", "layer set"),
    "kind_edition": Both("事件类别表", "edition of the kinds"),
    "plan": Both("计划", "plan"),
    "gap": Both("漏巡", "gap"),
    "checkpoint": Both("打卡点", "checkpoint"),
    "suggestion": Both("建议路线", "suggested round"),
}

Asked = Annotated[str, Query(max_length=100)]


class NobodyOfThatName(NotFound):
    """The audit is asked about somebody who is not there."""


class Search(NamedTuple):
    """What entries are asked for, as typed."""

    first: str
    last: str
    action: str
    person: str
    side: str


@router.get("")
def get_audit(
    request: Request,
    first: Annotated[str, Query(alias="from", max_length=30)] = "",
    last: Annotated[str, Query(alias="to", max_length=30)] = "",
    action: Asked = "",
    person: Asked = "",
    side: Annotated[str, Query(alias="as", max_length=20)] = "actor",
    offset: OffsetQuery = 0,
) -> HTMLResponse:
    """List entries by period, action and person (who acted, or whom it was about), the newest first."""
    search = Search(first.strip(), last.strip(), action.strip(), person.strip(), side)
    with session_scope(request.app.state.engine) as session:
        head = session.execute(select(HEAD.c.number, HEAD.c.hash)).first()
        try:
            matched, rows = _found(session, request.app.state.settings, search, Page(AT_A_TIME, offset))
        except GisgridError as error:
            return _audit_page(request, search, head, 0, [], 0, error)
        return _audit_page(
            request, search, head, matched, _told(session, rows, request.app.state.settings.zone), offset
        )


def _audit_page(
    request: Request,
    search: Search,
    head: Any,
    matched: int,
    entries: list[dict[str, Any]],
    offset: int,
    error: GisgridError | None = None,
) -> HTMLResponse:
    turn = turned(request, Page(AT_A_TIME, offset), matched)
    values = {"search": search, "head": head, "entries": entries, "turn": turn, "actions": ACTIONS}
    return page(request, "administration/audit.html", error=error, **values)


def _found(session: Session, settings: Settings, search: Search, page: Page) -> tuple[int, list[dict[str, Any]]]:
    asked: dict[str, Any] = {"action": search.action.replace("\x00", "") or None}
    if search.first or search.last:
        ends = (search.first or "1901-01-02", search.last or "8999-12-30")
        asked["period"] = Period.parse("/".join(ends), settings.zone)
    if search.person:
        side = "subject" if search.side == "subject" else "actor"
        asked |= {side: "person", f"{side}_id": _person(session, search.person)}
    return entries_page(session, page, **asked)


def _person(session: Session, name: str) -> int:
    numbered = NUMBERED.fullmatch(name)
    if numbered:
        return int(numbered[1])
    found = session.scalar(select(Person.id).where(Person.name_key == key_of(name)))
    if found is None:
        raise NobodyOfThatName(
            "没有这个登录名;已删除的人员请写编号,例如 #12",
            "nobody signs in by that name; whoever was erased has a number alone, such as #12",
        )
    return found


# --- entries in words ------------------------------------------------------------------------------


def _told(session: Session, rows: list[dict[str, Any]], zone: ZoneInfo) -> list[dict[str, Any]]:
    """Add to entries who and whom they are about, and what happened, in words."""
    sides = [(row[side], row[f"{side}_id"]) for row in rows for side in ("actor", "subject")]
    sides += [(kind, row["detail"].get(kind)) for row in rows for kind in ("person", "device")]
    people = people_called(session, [number for kind, number in sides if kind == "person" and _is_row(number)])
    devices = ("device", "board", "token")
    tokens = tokens_called(session, [number for kind, number in sides if kind in devices and _is_row(number)])
    names = {**{("person", number): name for number, name in people.items()}}
    names |= {(kind, number): name for kind in devices for number, name in tokens.items()}
    called = Called(session)
    return [
        {
            **row,
            "who": _side(row, "actor", names),
            "whom": _side(row, "subject", names),
            **told_of(row, called, names, zone),
        }
        for row in rows
    ]


def _is_row(number: object) -> bool:
    """Tell whether that may be the number of a row: a detail that somebody spoilt holds anything."""
    return isinstance(number, int) and 0 < number < 2**63


def _side(row: dict[str, Any], side: str, names: dict[tuple[str, int], str]) -> Both | None:
    kind, number = row[side], row[f"{side}_id"]
    if kind is None:
        return None
    words, name = KINDS.get(kind, Both(kind, kind)), names.get((kind, number))
    if name is not None:
        return Both(name, name) if kind == "person" else Both(f"{words.zh} {name}", f"{words.en} {name}")
    tail = "" if number is None else f" #{number}"
    return Both(words.zh + tail, words.en + tail)


# --- the chain -------------------------------------------------------------------------------------


@router.get("/chain")
def get_chain(request: Request) -> HTMLResponse:
    """Read the whole audit, compare it with the heads that were exported, and tell what is wrong with it."""
    usual = heads_folder(request.app.state.settings) / FILE
    heads = read_heads(usual) if usual.exists() else []
    with session_scope(request.app.state.engine) as session:
        faults = verify(session, heads)
        head = session.execute(select(HEAD.c.number, HEAD.c.hash)).first()
    return page(request, "administration/chain.html", faults=faults, most=MOST, head=head, heads=heads)
