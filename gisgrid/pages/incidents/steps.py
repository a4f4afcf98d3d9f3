"""The steps of an incident as a time line: what was done, by whom, and what each was given, in words."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from gisgrid.incidents.kinds.edition import Kind
from gisgrid.incidents.reports import INCIDENT
from gisgrid.pages.called import Both, Called
from gisgrid.pages.incidents.words import STATE_NAMES
from gisgrid.sight import visible

LABELS: Final = {
    "condition": Both("立案条件", "condition"),
    "departments": Both("部门", "departments"),
    "person": Both("经办人", "handler"),
    "cell": Both("移交", "handed to"),
    "into": Both("并入", "merged into"),
    "until": Both("挂账至", "until"),
    "score": Both("评分", "score"),
    "from_cell": Both("原由", "answered before"),
}
BETWEEN: Final = " / "
"""What stands between the two languages of words that the program writes."""


def time_line(
    session: Session, called: Called, kind: Kind | None, steps: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Return the steps of a case, the newest first, each with its state, its words and its details named."""
    into = {step["detail"]["into"] for step in steps if "into" in step["detail"]}
    numbers = _numbers(session, into)
    return [
        {
            **step,
            "name": Both(step["zh"], step["en"]),
            "state": STATE_NAMES.get(step["to_state"], Both(step["to_state"], step["to_state"])),
            "said": said(step),
            "told": [(LABELS[name], _told(name, value, called, kind, numbers)) for name, value in _details(step)],
        }
        for step in reversed(steps)
    ]


def said(step: Mapping[str, Any]) -> Both:
    """Return the words of a step; what the program wrote has both languages in it."""
    zh, between, en = step["words"].partition(BETWEEN)
    return Both(zh, en) if step["made_by"] is None and between else Both(step["words"], step["words"])


def _details(step: Mapping[str, Any]) -> list[tuple[str, Any]]:
    return [(name, value) for name, value in step["detail"].items() if name in LABELS]


def _told(name: str, value: Any, called: Called, kind: Kind | None, numbers: Mapping[int, str]) -> Both:
    if name == "departments":
        found = [called.department(code) for code in value]
        return Both("、".join(each.zh for each in found), ", ".join(each.en for each in found))
    if name in ("cell", "from_cell"):
        return called.cell(value)
    if name == "into":
        return _same(numbers.get(value, f"#{value}"))
    condition = next((each for each in kind.conditions if each.code == value), None) if kind else None
    if name == "condition" and condition is not None:
        return Both(condition.name_zh, condition.name_en)
    return _same(str(value))


def _same(text: str) -> Both:
    return Both(text, text)


def _numbers(session: Session, rows: set[int]) -> dict[int, str]:
    """Return the numbers of incidents by their rows, of those that may be seen."""
    asked = select(INCIDENT.c.id, INCIDENT.c.number).where(visible(session, INCIDENT), INCIDENT.c.id.in_(rows))
    return dict(session.execute(asked).all()) if rows else {}
