"""Contingency plans (预案): read from what an office edits, kept, and found for a kind of incident.

A plan in a file is an object with `code`, `name_zh`, `name_en`, `kinds` (codes of kinds that start it; none for the one
that starts for all others), `calls` (who is called, each line a `role` or a `department`, perhaps with `at_once` and
the `phone` of a control room) and `checklist` (each with `zh`, `en`, `minutes`, and a `role` or a `department`).
"""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Final, Self

from pydantic import Field, StringConstraints, TypeAdapter, ValidationError, model_validator
from sqlalchemy import select
from sqlalchemy.orm import Session

from gisgrid.audit.record import Actor, record
from gisgrid.errors import Refused
from gisgrid.incidents.emergencies.tables import ContingencyPlan
from gisgrid.parse import BadBody, parse_json
from gisgrid.staff.offices import departments
from gisgrid.staff.roles import ROLES
from gisgrid.wire import Name, Sent
from gisgrid.words import told

ANYBODY: Final = ""
"""The kinds of the plan that starts where no other does."""
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
PhoneNumber = Annotated[str, StringConstraints(pattern=r"^[0-9+*#() -]{3,20}$")]


class BadPlans(Refused):
    """A file of plans that cannot be used."""


class _OfSomebody(Sent):
    """What is a role's or a department's."""

    role: Name | None = None
    department: Name | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.role is None) == (self.department is None):
            raise told("应写 role 或 department 之一", "takes a role or a department, one of the two")
        if self.role is not None and "incidents" not in ROLES.get(self.role, ()):
            raise told(
                f"没有可以查看事件的角色 {self.role!r}", f"there is no role {self.role!r} that may see incidents"
            )
        return self


class Call(_OfSomebody):
    """A line: who is called, so many of them at once, the next in turn; `phone` is that of a control room."""

    at_once: int = Field(default=2, ge=1, le=50)
    phone: PhoneNumber = ""


class Item(_OfSomebody):
    """A line of the checklist, to be done within so many minutes."""

    zh: Text
    en: Text
    minutes: int = Field(ge=0, le=10_000)


class Plan(Sent):
    """A contingency plan as it is read."""

    code: Name
    name_zh: Text
    name_en: Text
    kinds: list[Name] = Field(max_length=200)
    calls: list[Call] = Field(min_length=1, max_length=40)
    checklist: list[Item] = Field(max_length=100)


PLANS: TypeAdapter[list[Plan]] = TypeAdapter(Annotated[list[Plan], Field(min_length=1, max_length=200)])
CALLS: TypeAdapter[list[Call]] = TypeAdapter(list[Call])
ITEMS: TypeAdapter[list[Item]] = TypeAdapter(list[Item])


def read_plans(data: bytes) -> list[Plan]:
    """Return the plans in a file. Raises BadPlans, which says where the first mistake is."""
    try:
        plans = PLANS.validate_python(parse_json(data))
    except BadBody as error:
        raise BadPlans(f"不是可读的 JSON:{error.zh}", f"cannot be read as JSON: {error.en}") from error
    except ValidationError as error:
        fault = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in fault["loc"])
        raise BadPlans(
            f"预案文件有误({where}):{fault['msg']}", f"mistake in the plans at {where}: {fault['msg']}"
        ) from error
    _require_distinct([plan.code for plan in plans], "预案编码", "the code of a plan")
    _require_distinct([kind for plan in plans for kind in plan.kinds or [ANYBODY]], "启动预案的类别", "a kind")
    return plans


def _require_distinct(names: Sequence[str], zh: str, en: str) -> None:
    doubled = sorted({name for name in names if names.count(name) > 1})
    if doubled:
        said = ", ".join(name or "(全部其他类别 all others)" for name in doubled)
        raise BadPlans(f"{zh}重复:{said}", f"{en} is given twice: {said}")


def bring_plans(session: Session, actor: Actor, plans: Sequence[Plan]) -> int:
    """Take plans into force in place of those there are; return how many. Raises BadPlans.

    What runs keeps its checklist. A plan that is not among them is retired.
    """
    known = {each.code for each in departments(session)}
    asked = {each.department for plan in plans for each in (*plan.calls, *plan.checklist) if each.department}
    if asked - known:
        said = ", ".join(sorted(asked - known))
        raise BadPlans(f"没有这些职能部门:{said}", f"there are no such departments: {said}")
    now = datetime.now(UTC)
    there = {each.code: each for each in session.scalars(select(ContingencyPlan))}
    for code, kept in there.items():
        if code not in {plan.code for plan in plans}:
            kept.retired_at = kept.retired_at or now
    for plan in plans:
        kept = there.get(plan.code) or ContingencyPlan(code=plan.code)
        for name, value in _columns(plan).items():
            setattr(kept, name, value)
        kept.made_at, kept.retired_at = now, None
        session.add(kept)
    session.flush()
    record(session, actor, "plans.brought", rows=len(plans))
    return len(plans)


def _columns(plan: Plan) -> dict[str, str]:
    lists: dict[str, Sequence[Sent]] = {"calls": plan.calls, "checklist": plan.checklist}
    kept = {name: json.dumps([_plain(each) for each in rows], ensure_ascii=False) for name, rows in lists.items()}
    return {"name_zh": plan.name_zh, "name_en": plan.name_en, "kinds": ",".join(plan.kinds), **kept}


def _plain(item: Sent) -> dict[str, Any]:
    return item.model_dump(exclude_defaults=True)


def plans_in_force(session: Session) -> list[ContingencyPlan]:
    """Return the plans that are not retired, in the order in which they came."""
    asked = select(ContingencyPlan).where(ContingencyPlan.retired_at.is_(None))
    return list(session.scalars(asked.order_by(ContingencyPlan.id)))


def plan_for(session: Session, kind: str) -> ContingencyPlan | None:
    """Return the plan that a kind starts: its own, else the general one, else None."""
    plans = {code: plan for plan in plans_in_force(session) for code in plan.kinds.split(",")}
    return plans.get(kind) or plans.get(ANYBODY)


def calls_of(plan: ContingencyPlan | None) -> list[Call]:
    """Return who is called by a plan; without one, those who answer at the three levels."""
    if plan is None:
        return [Call(role=role) for role in ("station_staff", "community_leader", "street_leader")]
    return CALLS.validate_json(plan.calls)


def checklist_of(plan: ContingencyPlan | None) -> list[Item]:
    """Return what a plan says is to be done; nothing without one."""
    return [] if plan is None else ITEMS.validate_json(plan.checklist)


def written(plans: Sequence[ContingencyPlan]) -> str:
    """Return plans as a file to be edited and brought back."""
    rows = [
        {
            **{name: getattr(plan, name) for name in ("code", "name_zh", "name_en")},
            "kinds": [kind for kind in plan.kinds.split(",") if kind],
            "calls": json.loads(plan.calls),
            "checklist": json.loads(plan.checklist),
        }
        for plan in plans
    ]
    return json.dumps(rows, ensure_ascii=False, indent=2) + "\n"
