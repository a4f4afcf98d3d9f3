"""What those outside hear of a gap: that it went up to them, and, if they were told of it, that it was corrected.

A notice carries the code of the place, its cell and the time of the round, never a reason that somebody wrote.
"""

from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from gisgrid.grid.kin import lineage
from gisgrid.grid.tables import Cell
from gisgrid.notices.outbox import Notice, Recipient, endpoints_for, post, told_of
from gisgrid.patrols.plans.tables import Gap, GapLevel

LEVELS_TOLD: Final[dict[GapLevel, tuple[str, str]]] = {
    "street": ("街道", "the street"),
    "community": ("社区", "the community"),
    "substation": ("工作分站", "the substation"),
}


def answering_code(session: Session, gap: Gap) -> str | None:
    """Return the code of the cell that answers for a gap now; None for what lies in no cell."""
    cell: int | None = getattr(gap, f"{gap.level}_id")
    return None if cell is None else session.scalar(select(Cell.code).where(Cell.id == cell))


def tell_risen(session: Session, zone: ZoneInfo, gap: Gap) -> None:
    """Tell those who hear of gaps in the cell that answers for one now that it went up to it."""
    code = answering_code(session, gap)
    zh, en = LEVELS_TOLD[gap.level]
    to = endpoints_for(session, "gap", lineage(session, code)) if code else []
    _post(session, zone, gap, (f"漏巡逾期未处理,已上报{zh}", f"Open gap went up to {en}"), code, to)


def tell_again(session: Session, zone: ZoneInfo, gap: Gap) -> None:
    """Tell whoever was told of a gap what late data has made of it: done after all, or not done after all."""
    is_done = gap.closed_as == "corrected"
    zh, en = ("更正:漏巡已完成", "Corrected, done after all") if is_done else ("更正:仍为漏巡", "Corrected, missed")
    _post(session, zone, gap, (zh, en), answering_code(session, gap), told_of(session, "gap", ("gap", gap.id)))


def _post(
    session: Session, zone: ZoneInfo, gap: Gap, what: tuple[str, str], code: str | None, to: list[Recipient]
) -> None:
    start = f"{gap.start_at.astimezone(zone):%Y-%m-%d %H:%M}"
    notice = Notice(
        "gap",
        f"{what[0]}:{gap.code}",
        f"网格 {code or '-'},应巡 {start}",
        f"{what[1]}: {gap.code}",
        f"cell {code or '-'}, was due {start}",
        link=f"/rounds/gaps?show=all&gap={gap.id}",
        about=("gap", gap.id),
    )
    post(session, notice, to)
