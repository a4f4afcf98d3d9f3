"""Incidents from files."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from gisgrid.audit.record import OPERATOR
from gisgrid.incidents.kinds.edition import UnknownKind
from gisgrid.incidents.kinds.stored import Editions
from gisgrid.incidents.report import Report, report
from gisgrid.incidents.schemas import IncidentCreate
from gisgrid.intake.arrivals import Outcome
from gisgrid.intake.imports import Fault, Plan, Progress, Wishes, import_file
from gisgrid.settings import Settings

PLAN = Plan(
    model=IncidentCreate,
    columns={
        "longitude": ("longitude", "lon", "lng", "long", "x", "经度"),
        "latitude": ("latitude", "lat", "y", "纬度"),
        "reported_at": ("reported_at", "time", "timestamp", "datetime", "时间", "上报时间", "发生时间"),
        "kind": ("kind", "code", "type", "类别", "事件类别", "类别编码"),
        "description": ("description", "desc", "描述", "内容", "事件描述"),
        "client_id": ("client_id", "uuid", "编号", "案号"),
        "crs": ("crs", "坐标系"),
        "complained_cell": ("complained_cell", "被投诉网格", "被投诉网格编码"),
        "complained_department": ("complained_department", "被投诉部门", "被投诉部门编码"),
    },
    moment="reported_at",
    required=("longitude", "latitude", "reported_at", "kind"),
    for_all="kind",
)


def import_incidents(
    engine: Engine, path: Path, wishes: Wishes, settings: Settings, fault: Fault, progress: Progress
) -> dict[str, int]:
    """Store the incidents of a CSV, GeoJSON or GPX file, as `import_file` does."""
    received_at = datetime.now(UTC)

    def act(session: Session, items: Sequence[IncidentCreate], crs: str) -> list[Outcome]:
        editions = Editions(session)
        codes = [_code(editions, item, settings.zone) for item in items]
        sent = [
            Report(received_at=received_at, **{"crs": crs, **item.model_dump(exclude_unset=True), "kind": code})
            for item, code in zip(items, codes, strict=True)
            if isinstance(code, str)
        ]
        stored = iter(report(session, sent, settings.zone, OPERATOR))
        return [next(stored) if isinstance(code, str) else Outcome("refused", None, code) for code in codes]

    return import_file(engine, path, PLAN, wishes, act, fault, progress)


def _code(editions: Editions, item: IncidentCreate, zone: ZoneInfo) -> str | UnknownKind:
    """Return the code of a kind that is called by its code or a name, in the edition of its day."""
    try:
        return editions.at(item.reported_at, zone).called(item.kind).code
    except UnknownKind as error:
        return UnknownKind(f"{PLAN.term('kind')}:{error.zh}", f"kind: {error.en}")
