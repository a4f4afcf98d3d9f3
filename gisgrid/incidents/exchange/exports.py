"""The incidents of a search as a table to take along: what a list shows of each, never how to reach whoever told of it.

A confidential one is in it for whoever sees it, as in the list.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Annotated, Any, Final
from zoneinfo import ZoneInfo

from fastapi import Depends
from sqlalchemy.orm import Session

from gisgrid.documents.workbook import Cell
from gisgrid.incidents.exchange.tell_back import MOST, local, too_many
from gisgrid.incidents.reports import incidents_page
from gisgrid.incidents.search import Search, SearchQuery, sought
from gisgrid.incidents.sources import SOURCES
from gisgrid.parameters import Box, BoxQuery, Page, Period, PeriodQuery
from gisgrid.staff.caller import Caller
from gisgrid.wire import NameQuery

HEAD: Final[list[Cell]] = [
    "编号 number",
    "状态 state",
    "类别编码 kind code",
    "类别 kind",
    "来源 source",
    "外部编号 outside number",
    "上报时间 reported at",
    "收到时间 received at",
    "描述 description",
    "街道编码 street",
    "社区编码 community",
    "分站编码 substation",
    "负责网格 answering cell",
    "主办部门 department",
    "立案条件 condition",
    "截止时间 due at",
    "超期 overdue",
    "经度 longitude",
    "纬度 latitude",
    "保密 confidential",
]
PLAIN: Final = ("street_code", "community_code", "substation_code", "answering_code", "department", "condition")


@dataclass(frozen=True, slots=True)
class Asked:
    """Which incidents are asked for, by the filters of their list."""

    search: Search = field(default_factory=Search)
    cell: str | None = None
    period: Period | None = None
    box: Box | None = None
    kind: str | None = None


def _asked(
    search: SearchQuery,
    cell: NameQuery = None,
    period: PeriodQuery = None,
    bbox: BoxQuery = None,
    kind: NameQuery = None,
) -> Asked:
    return Asked(search, cell, period, bbox, kind)


AskedQuery = Annotated[Asked, Depends(_asked)]


def exported(session: Session, zone: ZoneInfo, caller: Caller, asked: Asked) -> list[list[Cell]]:
    """Return the incidents that are asked for and may be seen, in the order of their reports, below their head.

    Raises TooMany, NoSuchCell, UnknownKind, UnknownState.
    """
    more = sought(session, asked.search, caller, datetime.now(UTC))
    where: dict[str, Any] = {"period": asked.period, "cell": asked.cell, "box": asked.box, "kind": asked.kind}
    matched, rows = incidents_page(session, zone, Page(MOST, 0), more=more, **where)
    if matched > MOST:
        raise too_many()
    return [HEAD, *(_row(row, zone) for row in rows)]


def _row(row: dict[str, Any], zone: ZoneInfo) -> list[Cell]:
    return [
        row["number"],
        row["state_zh"],
        row["kind"],
        row["kind_zh"],
        SOURCES[row["source"]][0],
        row["outside_number"],
        local(row["reported_at"], zone),
        local(row["received_at"], zone),
        row["description"],
        *(row[name] for name in PLAIN),
        local(row["due_at"], zone),
        _yes(is_so=row["is_overdue"]),
        row["longitude"],
        row["latitude"],
        _yes(is_so=row["is_confidential"]),
    ]


def _yes(*, is_so: bool) -> str:
    return "是" if is_so else "否"
