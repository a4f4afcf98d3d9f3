"""What goes with a report into a document, from the database: shapes, what is open, silent or overdue, place, office.

A document says nothing of a round, a device or an incident that whoever asks would not be shown on its own page.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any, Final

from shapely.geometry.base import BaseGeometry
from sqlalchemy import select
from sqlalchemy.orm import Session

from gisgrid.coverage.report import last_grid
from gisgrid.coverage.schemas import CoverageReport
from gisgrid.coverage.told.handed import Handed, OpenGap, OverdueIncident, SilentDevice
from gisgrid.coverage.told.nested import highest, whole_of
from gisgrid.coverage.told.sections import Extras
from gisgrid.documents.paper import Both
from gisgrid.grid.tables import LEVELS, Cell
from gisgrid.incidents.kinds.stored import Editions
from gisgrid.incidents.report import COMPLAINED
from gisgrid.incidents.search import INCIDENT, is_overdue
from gisgrid.parameters import Page, Period
from gisgrid.patrols.duty.on_duty import duties_seen
from gisgrid.patrols.plans.present import gaps_page
from gisgrid.settings import Settings
from gisgrid.sight import seeing, sight_of, visible
from gisgrid.staff.caller import Caller, sight_for
from gisgrid.staff.roles import Permission

MOST: Final = 10_000
"""So many open gaps, and no more, go into a document; the newest."""
LONG_AGO: Final = datetime(1901, 1, 1, tzinfo=UTC)
NOWHERE: Final = "网格之外"


def extras_of(
    session: Session,
    settings: Settings,
    report: CoverageReport,
    *,
    title: Both,
    dated: date,
    now: datetime,
    caller: Caller | None = None,
    plan: int | None = None,
) -> Extras:
    """Return what goes with a report; `title` may name the place as {place}. `plan`: gaps of that plan alone.

    For a program, which has no caller, everything that the session sees is told. Raises NoGrid.
    """
    period = Period(report.period.start, report.period.end)
    place = place_of(report)
    return Extras(
        shapes=_shapes(session, settings, report, period),
        place=place,
        title=(title[0].format(place=place), title[1].format(place=place)),
        dated=dated,
        handed=handed_of(
            session, settings, period, now, caller=caller, plan=plan, is_now=_is_today(dated, settings, now)
        ),
        office=settings.office or street_of(session, settings, period),
    )


def place_of(report: CoverageReport) -> str:
    """Return what the ground of a report is called: its one highest cell, or all of them."""
    whole = whole_of(report)
    names = [whole.name] if whole is not None else [cell.name for cell in highest(report)]
    return "、".join(names)


def street_of(session: Session, settings: Settings, period: Period) -> str:
    """Return the name of the street, which is the office that hands a report in. Raises NoGrid."""
    cells = last_grid(session, period, settings).cells
    return "、".join(cells.loc[cells["level"] == "street", "name"])


def _shapes(session: Session, settings: Settings, report: CoverageReport, period: Period) -> Mapping[str, BaseGeometry]:
    shapes = last_grid(session, period, settings).cells.set_index("code").geometry.to_dict()
    return {cell.code: shapes[cell.code] for cell in report.cells if cell.code in shapes}


def _is_today(day: date, settings: Settings, now: datetime) -> bool:
    return day == now.astimezone(settings.zone).date()


# --- what is open ----------------------------------------------------------------------------------


def handed_of(
    session: Session,
    settings: Settings,
    period: Period,
    now: datetime,
    *,
    caller: Caller | None = None,
    plan: int | None = None,
    is_now: bool = True,
) -> Handed:
    """Return what is open of what began before the end of a period; `is_now`: and which devices are silent now."""
    names = dict(session.execute(select(Cell.code, Cell.name).order_by(Cell.layer_set_id)).all())
    with seeing(session, _sight(session, caller, "tracks")):
        gaps = _gaps(session, period, names, plan)
        silent = _silent(session, settings, now) if is_now and plan is None else []
    with seeing(session, _sight(session, caller, "incidents")):
        overdue = _overdue(session, settings, period, now, names)
    return Handed(gaps, silent, overdue)


def _sight(session: Session, caller: Caller | None, permission: Permission) -> Any:
    return sight_of(session) if caller is None else sight_for(session, caller, permission)


def _gaps(session: Session, period: Period, names: Mapping[str, str], plan: int | None) -> list[OpenGap]:
    until = Period(LONG_AGO, period.end)
    _, found = gaps_page(session, Page(MOST, 0), period=until, plan=plan, is_open=True)
    return [
        OpenGap(each.name, _named(each.cell_code, names), each.plan.name, each.end_at, each.level != "substation")
        for each in found
    ]


def _silent(session: Session, settings: Settings, now: datetime) -> list[SilentDevice]:
    found = duties_seen(session, settings, now)
    return [_device(ref, each) for ref, each in found.items() if each["is_silent"]]


def _device(ref: str, each: Mapping[str, Any]) -> SilentDevice:
    cell = (each["position"] or {}).get("cell")
    heard = each["alive_at"]
    alive_at = None if heard is None else datetime.fromisoformat(heard)
    return SilentDevice(each["device"] or ref, cell["name"] if cell else NOWHERE, alive_at)


def _overdue(
    session: Session, settings: Settings, period: Period, now: datetime, names: Mapping[str, str]
) -> list[OverdueIncident]:
    """Return the incidents past their limit; of what is confidential, and of complaints, no document tells."""
    told = [INCIDENT.c.is_confidential.is_(False), *(INCIDENT.c[name].is_(None) for name in COMPLAINED)]
    its = [*told, INCIDENT.c.reported_at < period.end, is_overdue(now)]
    columns = [INCIDENT.c[name] for name in ("number", "kind", "reported_at", "due_at")]
    cells = [INCIDENT.c[f"{level}_id"] for level in LEVELS]
    asked = select(*columns, *cells).where(visible(session, INCIDENT), *its)
    codes = dict(session.execute(select(Cell.id, Cell.code)).all())
    editions = Editions(session)
    found = []
    for number, kind, reported_at, due_at, *ids in session.execute(asked.order_by(INCIDENT.c.due_at, INCIDENT.c.id)):
        code = next((codes[each] for each in reversed(ids) if each is not None), None)
        known = editions.kind_at(kind, reported_at, settings.zone)
        found.append(OverdueIncident(number, known.name_zh if known else kind, _named(code, names), due_at))
    return found


def _named(code: str | None, names: Mapping[str, str]) -> str:
    return NOWHERE if code is None else names.get(code, code)
