"""What is to be done about each kind of problem (下步工作)."""

from collections.abc import Sequence
from typing import Final

from gisgrid.coverage.schemas import Note
from gisgrid.coverage.told.handed import Kind, Problem, named

STEPS: Final[dict[Kind, tuple[str, str]]] = {
    "gaps": ("逐处到访或书面说明未关闭漏巡:{}。", "Visit or explain each open gap: {}."),
    "unseen": ("优先安排到访:{}。", "Visit first: {}."),
    "missed": ("核对漏巡任务的班次与人手:{}。", "Check shifts and hands where rounds were missed: {}."),
    "silent": ("联系并检修静默设备:{};补传后重出本报告。", "Find and mend the silent devices: {}; then report anew."),
    "idle": ("缩短到访间隔,错开固定时段:{}。", "Visit more often, and at other times: {}."),
    "fallen": ("查明到达率下降的原因:{}。", "Find out why coverage has fallen: {}."),
    "overdue": ("督办超期事件:{}。", "Press for what is overdue: {}."),
    "closing": ("会同主办部门限期提高结案率:{}。", "Settle with the departments how to close more: {}."),
    "quarantined": (
        "逐条核对待核定位,放行或说明。",
        "Release or explain each quarantined check-in.",
    ),
}


def next_steps(found: Sequence[Problem]) -> list[Note]:
    """Return one step for each problem, in their order."""
    steps = []
    for problem in found:
        where, (zh, en) = named(problem.names), STEPS[problem.kind]
        steps.append(Note(zh=zh.format(where.zh), en=en.format(where.en)))
    return steps
