"""The case sheet (案卷单) of an incident that may be seen: what is on record, put into the words of the office."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from gisgrid.audit.record import Actor, record
from gisgrid.documents.case_sheet import CaseSheet, Picture, Step, Visit
from gisgrid.documents.small_map import small_map
from gisgrid.grid.locate import NoGrid, grid_on
from gisgrid.grid.place import cell_names
from gisgrid.grid.tables import LEVELS
from gisgrid.incidents.kinds.edition import Condition
from gisgrid.incidents.lifecycle import STATES
from gisgrid.incidents.loop.evidence import exhibit, exhibits
from gisgrid.incidents.loop.present import steps_shown
from gisgrid.incidents.loop.standing import Case, case_of, state_of
from gisgrid.incidents.reports import require_incident
from gisgrid.incidents.sources import SOURCES
from gisgrid.incidents.visits.follow_up import follow_ups
from gisgrid.settings import Settings
from gisgrid.staff.tables import Department, Person

MOST_PHOTOS: Final = 12
SHOWS: Final = {"found": "发现 found", "done": "处置 done"}
CLOCKS: Final = {"normal": "工作时间 working time", "urgent": "连续计时 urgent"}
UNITS: Final = {"hours": "小时 h", "days": "天 d"}


def sheet_of(session: Session, settings: Settings, actor: Actor, incident: int, now: datetime) -> CaseSheet:
    """Return what is printed of an incident, and record that it was. Raises NoSuchIncident."""
    case = case_of(session, settings, require_incident(session, incident), now)
    row, (zh, en) = case.row, STATES[state_of(case)]
    cells = _cells(session, row)
    condition = next((each for each in case.kind.conditions if each.code == row["condition"]), None)
    sheet = CaseSheet(
        office=_street(session) or "街道",
        number=row["number"],
        kind=f"{case.kind.code} {case.kind.name_zh} {case.kind.name_en}",
        description=row["description"],
        source=" ".join(SOURCES[row["source"]]) + (f" {row['outside_number']}" if row["outside_number"] else ""),
        reported_at=row["reported_at"],
        place="" if cells else "网格之外 outside the grid",
        longitude=row["longitude"],
        latitude=row["latitude"],
        cells=cells,
        condition=f"{condition.name_zh} {condition.name_en}" if condition else "",
        limit=_limit(condition),
        state=f"{zh} {en}",
        due_at=case.clock.due_at,
        lead_department=_department(session, row["department_id"]),
        zone=settings.zone,
        printed_at=now,
        printed_by=_person(session, actor.id),
        steps=_steps(session, case),
        visits=_visits(session, incident),
        pictures=_pictures(session, incident),
        map_image=_map(session, case),
        mark="保密 confidential" if row["is_confidential"] else "",
    )
    record(session, actor, "incident.printed", ("incident", incident))
    return sheet


def _cells(session: Session, row: Any) -> list[str]:
    names = cell_names(session, [row])
    return [names[row[f"{level}_id"]].name for level in LEVELS if row[f"{level}_id"] in names]


def _limit(condition: Condition | None) -> str:
    if condition is None:
        return ""
    return f"{condition.limit.normalize():f} {UNITS[condition.unit]}，{CLOCKS[condition.clock]}"


def _department(session: Session, department: int | None) -> str:
    found = session.get(Department, department) if department is not None else None
    return f"{found.zh} {found.en}" if found else ""


def _person(session: Session, person: int | None) -> str:
    found = session.execute(select(Person.full_name, Person.name).where(Person.id == person)).first()
    return (found.full_name or found.name) if found else ""


def _steps(session: Session, case: Case) -> list[Step]:
    departments = dict(session.execute(select(Department.code, Department.zh)).all())
    return [
        Step(
            each["made_at"],
            each["by"] or "系统 system",
            f"{each['zh']} {each['en']}",
            " ".join([each["words"], *_given(case, each["detail"], departments)]).strip(),
        )
        for each in steps_shown(session, case.steps)
    ]


def _given(case: Case, detail: Mapping[str, Any], departments: Mapping[str, str]) -> list[str]:
    """Return what a move was given, in words."""
    conditions = {each.code: each.name_zh for each in case.kind.conditions}
    told = {
        "条件": conditions.get(detail.get("condition", "")),
        "交": "、".join(departments.get(code, code) for code in detail.get("departments", [])),
        "经办": detail.get("person"),
        "移交网格": detail.get("cell"),
        "至": detail.get("until"),
        "评分": detail.get("score"),
    }
    return [f"〔{name} {value}〕" for name, value in told.items() if value]


def _visits(session: Session, incident: int) -> list[Visit]:
    return [
        Visit(
            each["made_at"],
            each["by"] or "",
            f"{each['satisfaction']} / 5" if each["satisfaction"] else "未表态 not said",
            f"{each['way_zh']} {each['words']}".strip(),
        )
        for each in follow_ups(session, incident)
    ]


def _pictures(session: Session, incident: int) -> list[Picture]:
    photos = [each for each in exhibits(session, incident) if each["media_type"].startswith("image/")][:MOST_PHOTOS]
    return [
        Picture(exhibit(session, incident, each["id"]).data, f"{SHOWS[each['shows']]} {each['caption']}".strip())
        for each in photos
    ]


def _street(session: Session) -> str:
    try:
        cells = grid_on(session).cells
    except NoGrid:
        return ""
    return str(cells.loc[cells["level"] == "street", "name"].iloc[0])


def _map(session: Session, case: Case) -> bytes | None:
    try:
        cells = grid_on(session).cells
    except NoGrid:
        return None
    finest = cells[cells["level"] == LEVELS[-1]]
    shapes = list(zip(finest["name"], finest.geometry, strict=True))
    here = ("事发地 here", case.row["longitude"], case.row["latitude"])
    return small_map(shapes, [here]).encode()
