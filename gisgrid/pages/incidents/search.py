"""Searching incidents on their page: what the address asks for, and what there is to choose."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Annotated, Any, Final, Literal
from urllib.parse import parse_qs, urlencode

from fastapi import Depends, Query
from pydantic import AfterValidator, TypeAdapter
from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from gisgrid.incidents.lifecycle import ENDED
from gisgrid.incidents.reports import INCIDENT
from gisgrid.incidents.search import Search, sought
from gisgrid.pages.called import Both
from gisgrid.parameters import Period, parse_day
from gisgrid.parse import CONTROL
from gisgrid.settings import Settings
from gisgrid.staff.caller import Caller
from gisgrid.words import told

Show = Literal["waiting", "open", "overdue", "ended", "mine"]
TABS: Final[dict[Show, Both]] = {
    "waiting": Both("待办", "Waiting for me"),
    "open": Both("全部未结", "All open"),
    "overdue": Both("超期", "Overdue"),
    "ended": Both("已结", "Ended"),
    "mine": Both("我上报的", "Reported by me"),
}
EARLIEST: Final = "2000-01-01"
SHOW: TypeAdapter[Show] = TypeAdapter(Show)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address of the list asks for, as it was typed; "" is not asked for. Days are local and included."""

    show: Show = "waiting"
    q: str = ""
    kind: str = ""
    cell: str = ""
    state: str = ""
    source: str = ""
    department: str = ""
    first: str = ""
    last: str = ""

    @property
    def query(self) -> str:
        """The part of the address after the `?` that asks the same."""
        given = {name: value for name, value in asdict(self).items() if value}
        return urlencode(given)

    @property
    def filters(self) -> dict[str, str]:
        """What is asked for besides the tab."""
        return {name: value for name, value in asdict(self).items() if value and name != "show"}

    def beside(self, show: Show) -> str:
        """Return the address of another tab with the same filters; a state belongs to its own."""
        return f"/incidents?{urlencode({'show': show} | {k: v for k, v in self.filters.items() if k != 'state'})}"


def conditions(session: Session, asked: Asked, caller: Caller, now: datetime) -> list[ColumnElement[bool]]:
    """Return the conditions of what is asked for besides kind, cell and time. Raises UnknownState."""
    states = {"open": ("open",), "ended": tuple(sorted(ENDED))}.get(asked.show, ())
    search = Search(
        states=(asked.state,) if asked.state else states,
        source=asked.source or None,
        department=asked.department or None,
        words=asked.q or None,
        is_overdue=asked.show == "overdue",
        is_mine=asked.show == "mine",
        is_waiting=asked.show == "waiting",
    )
    return sought(session, search, caller, now)


def order_of(show: Show) -> Sequence[ColumnElement[Any]]:
    """Return the order of a tab: what is to be done by what is due first, the rest by the newest."""
    newest = (INCIDENT.c.reported_at.desc(), INCIDENT.c.id.desc())
    return (INCIDENT.c.due_at.is_(None), INCIDENT.c.due_at, *newest) if show in ("waiting", "overdue") else newest


def period_of(asked: Asked, settings: Settings) -> Period | None:
    """Return the period that is asked for: of a day alone, all before or since it. Raises BadPeriod, BadDay."""
    if not asked.first and not asked.last:
        return None
    today = datetime.now(settings.zone).date().isoformat()
    first, last = (parse_day(day).isoformat() for day in (asked.first or EARLIEST, asked.last or today))
    return Period.parse(f"{first}/{last}", settings.zone)


def read_query(text: str) -> Asked:
    """Return what a kept query asks for; what is none of it is left out."""
    given = {name: values[-1] for name, values in parse_qs(text).items() if name in Asked.__slots__}
    try:
        show = SHOW.validate_python(given.pop("show", "waiting"))
        return Asked(show, **given)
    except ValueError:
        return Asked()


def _line(value: str) -> str:
    if CONTROL.search(value):
        raise told("不能含换行等控制字符", "must not hold control characters")
    return value.strip()


Text = Annotated[str, Query(max_length=100), AfterValidator(_line)]


def _asked(
    show: Show = "waiting",
    q: Text = "",
    kind: Text = "",
    cell: Text = "",
    state: Text = "",
    source: Text = "",
    department: Text = "",
    first: Text = "",
    last: Text = "",
) -> Asked:
    return Asked(show, q, kind, cell, state, source, department, first, last)


AskedQuery = Annotated[Asked, Depends(_asked)]
