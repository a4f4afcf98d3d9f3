"""Orders become incidents, each once by its own number, in slices that keep nobody waiting for long."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

import shapely
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from gisgrid.audit.record import Actor, record
from gisgrid.database import session_scope
from gisgrid.errors import GisgridError, Refused
from gisgrid.geometry import WGS84
from gisgrid.grid.locate import NoSuchCell, grids_on
from gisgrid.incidents.emergencies.start import report_at_once
from gisgrid.incidents.exchange.orders import OrderCreate, OrderSource
from gisgrid.incidents.exchange.sheet import Told, read_ledger
from gisgrid.incidents.kinds.edition import UnknownKind
from gisgrid.incidents.kinds.stored import Editions
from gisgrid.incidents.report import Report
from gisgrid.intake.arrivals import Outcome
from gisgrid.settings import Settings

SLICE: Final = 50
"""Orders in one transaction: each is recorded in the audit, which takes longer than to store it."""
RESULTS: Final = {
    "stored": "已入库 stored",
    "repeated": "此前已入库 stored before",
    "conflict": "未收:内容不同 not taken: other content",
    "refused": "未收 not taken",
}


class NoPlace(Refused):
    """An order that does not say where."""


@dataclass(frozen=True, slots=True)
class Taken:
    """The sheet with its answers, and how many orders were stored, repeated, in conflict and refused."""

    workbook: bytes
    counts: dict[str, int]

    @property
    def refused(self) -> int:
        """How many orders were not taken."""
        return self.counts["refused"] + self.counts["conflict"]


def take_sheet(
    engine: Engine, data: bytes, settings: Settings, source: OrderSource, actor: Actor, sight: Any = None
) -> Taken:
    """Take in the orders of a workbook or a CSV file; `source` holds where a row names none.

    Raises NoOrders, UnreadableFile, SheetTooLarge. What goes wrong with an order is told beside it.
    """
    ledger = read_ledger(data)
    orders = ledger.orders(settings.zone)
    _read_grids(engine, orders, settings.zone)
    outcomes: list[Outcome] = []
    for start in range(0, len(orders), SLICE):
        with session_scope(engine, write=True, sight=sight) as session:
            outcomes += take_orders(session, orders[start : start + SLICE], settings, source, actor)
    counts = Counter(dict.fromkeys(RESULTS, 0)) + Counter(outcome.status for outcome in outcomes)
    taken = Taken(ledger.answered(map(_told, outcomes)), {each: counts[each] for each in RESULTS})
    with session_scope(engine, write=True, sight=sight) as session:
        record(session, actor, "orders.brought", source=source, rows=len(orders), refused=taken.refused)
    return taken


def _read_grids(engine: Engine, orders: Sequence[OrderCreate | GisgridError], zone: ZoneInfo) -> None:
    """Have the grids of the orders' days read before anything is written, so that no other writer waits for that."""
    days = {each.reported_at.astimezone(zone).date() for each in orders if isinstance(each, OrderCreate)}
    with session_scope(engine) as session:
        for _ in grids_on(session, sorted(days)):
            pass


def take_orders(
    session: Session,
    orders: Sequence[OrderCreate | GisgridError],
    settings: Settings,
    source: OrderSource,
    actor: Actor,
) -> list[Outcome]:
    """Store some orders, each once; return what became of each, in their order."""
    reports = _Reports(session, settings.zone, source)
    sent = [order if isinstance(order, GisgridError) else reports.of(order) for order in orders]
    stored = iter(report_at_once(session, settings, [each for each in sent if isinstance(each, Report)], actor))
    return [next(stored) if isinstance(each, Report) else Outcome("refused", None, each) for each in sent]


def _told(outcome: Outcome) -> Told:
    number = outcome.row["number"] if outcome.row else ""
    if outcome.status == "conflict":
        words = (
            f"此编号已入库为 {number},内容与本行不同,未改动 / stored as {number} with other content, which is unchanged"
        )
    else:
        words = outcome.error.description if outcome.error else number
    return Told(RESULTS[outcome.status], words)


class _Reports:
    """Orders as they are reported, by the kinds and the cells of their day."""

    def __init__(self, session: Session, zone: ZoneInfo, source: OrderSource) -> None:
        self._session, self._zone, self._source = session, zone, source
        self._editions = Editions(session)
        self._spots: dict[tuple[date, str], tuple[float, float]] = {}
        self._received_at = datetime.now(UTC)

    def of(self, order: OrderCreate) -> Report | GisgridError:
        """Return the report of an order, or why it is not taken."""
        source = order.source or self._source
        try:
            kind = self._editions.at(order.reported_at, self._zone).called(order.kind)
            place = self._place(order)
        except (UnknownKind, NoSuchCell, NoPlace) as error:
            return error
        given = order.model_dump(include={"description", "contact", "complained_cell", "complained_department"})
        return Report(
            kind=kind.code,
            reported_at=order.reported_at,
            received_at=self._received_at,
            client_id=order.outside_number,
            outside_number=order.outside_number,
            sender=source,
            source=source,
            **place,
            **given,
        )

    def _place(self, order: OrderCreate) -> dict[str, Any]:
        if order.longitude is not None and order.latitude is not None:
            return {"longitude": order.longitude, "latitude": order.latitude, "crs": order.crs}
        if order.longitude is not None or order.latitude is not None or order.cell is None:
            raise NoPlace("请填经度和纬度,或网格编码", "give longitude and latitude, or the code of a cell")
        longitude, latitude = self._spot(order.reported_at.astimezone(self._zone).date(), order.cell)
        return {"longitude": longitude, "latitude": latitude, "crs": WGS84}

    def _spot(self, day: date, code: str) -> tuple[float, float]:
        """Return a place inside a cell of the grid of a day, always the same. Raises NoSuchCell."""
        if (day, code) not in self._spots:
            cells = [grid.cells[grid.cells["code"] == code] for grid, _ in grids_on(self._session, [day])]
            if not cells or cells[0].empty:
                raise NoSuchCell(
                    "网格编码:当日的网格中没有这个编码", "cell: there is no such code in the grid of that day"
                )
            point = shapely.point_on_surface(cells[0].geometry.iloc[0])
            self._spots[day, code] = (point.x, point.y)
        return self._spots[day, code]
