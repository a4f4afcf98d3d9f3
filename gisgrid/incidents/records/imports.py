"""Records of the past from files."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from gisgrid.incidents.records.bring import bring_records
from gisgrid.incidents.records.schemas import RecordCreate
from gisgrid.intake.arrivals import Outcome
from gisgrid.intake.imports import Fault, Plan, Progress, Wishes, import_file
from gisgrid.settings import Settings

PLAN: Final = Plan(
    model=RecordCreate,
    columns={
        "longitude": ("longitude", "lon", "lng", "long", "x", "经度"),
        "latitude": ("latitude", "lat", "y", "纬度"),
        "cell": ("cell", "cell_code", "网格", "网格编码", "所在网格"),
        "kind": ("kind", "code", "type", "类别", "事件类别", "类别编码"),
        "reported_at": ("reported_at", "time", "时间", "上报时间"),
        "filed_at": ("filed_at", "立案时间"),
        "dispatched_at": ("dispatched_at", "派遣时间"),
        "handled_at": ("handled_at", "处置完成时间", "处置时间"),
        "closed_at": ("closed_at", "结案时间"),
        "settled_at": ("settled_at", "即办时间"),
        "source": ("source", "来源"),
        "department": ("department", "部门", "职能部门", "主办部门"),
        "condition": ("condition", "立案条件"),
        "answered_at": ("answered_at", "办理层级"),
        "description": ("description", "desc", "描述", "内容", "事件描述"),
        "client_id": ("client_id", "uuid", "编号", "案号"),
        "outside_number": ("outside_number", "外部编号"),
        "crs": ("crs", "坐标系"),
        "complained_cell": ("complained_cell", "被投诉网格", "被投诉网格编码"),
        "complained_department": ("complained_department", "被投诉部门", "被投诉部门编码"),
    },
    moment="reported_at",
    moments=("filed_at", "dispatched_at", "handled_at", "closed_at", "settled_at"),
    required=("reported_at", "kind"),
    for_all="kind",
)


def import_records(
    engine: Engine, path: Path, wishes: Wishes, settings: Settings, fault: Fault, progress: Progress
) -> dict[str, int]:
    """Bring the records of a CSV or GeoJSON file, as `import_file` does."""

    def act(session: Session, items: Sequence[RecordCreate], crs: str) -> list[Outcome]:
        return bring_records(session, settings, items, crs)

    return import_file(engine, path, PLAN, wishes, act, fault, progress)
