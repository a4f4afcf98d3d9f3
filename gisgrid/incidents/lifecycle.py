"""The closed loop as one table: which move leads from which state where, whose it is, and what it needs.

Pure: it knows neither database nor web. Whoever moves an incident asks `judge`, and nothing else decides.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from gisgrid.errors import Conflict, Forbidden, Refused

State = Literal[
    "reported",
    "verified",
    "filed",
    "dispatched",
    "handling",
    "handled",
    "closed",
    "evaluated",
    "settled",
    "suspended",
    "rejected",
    "merged",
]
Move = Literal[
    "verify",
    "file",
    "reject",
    "merge",
    "settle",
    "dispatch",
    "accept",
    "send_back",
    "transfer",
    "finish",
    "pass",
    "fail",
    "evaluate",
    "escalate",
    "hand_over",
    "suspend",
    "resume",
    "extend",
    "reopen",
]
Hand = Literal["desk", "department", "handler", "walker", "supervision"]
"""In what capacity somebody holds an incident: `desk` answers for its cell or above, `department` is of one that acts
on it, `handler` is the one it was dispatched or confided to, `walker` patrols its cell, `supervision` watches over it.
"""
Need = Literal[
    "reason",
    "words",
    "confirmed",
    "condition",
    "addressee",
    "cell",
    "above",
    "into",
    "until",
    "score",
    "fresh",
    "extendable",
    "photo",
    "near",
    "document",
]
Effect = Literal["start", "pause", "resume", "extend", "stop"]
"""What a move does to the clock of the limit."""


class IllegalMove(Conflict):
    """A move that leads nowhere from the state in which the incident is."""


class NotYourMove(Forbidden):
    """A move of others: of another role, or a check of one's own work."""


class Incomplete(Refused):
    """A move without what it needs."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A move: where it leads from each state, in whose hands it is, what it needs, what it does to the clock.

    `by_others`: not for whoever did the work that it judges.
    """

    zh: str
    en: str
    leads: Mapping[State, State]
    hands: frozenset[Hand]
    needs: tuple[Need, ...] = ()
    clock: Effect | None = None
    by_others: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """How an incident stands for somebody who wants to move it.

    `met`: the needs that are met, by what is sent along and by what is on record; `demanded`: what its kind demands
    for closing; `is_own`: whether it is their own report, or their own work, that the move would judge; `said`: what
    exactly is missing of a need, where that can be told better than in general.
    """

    state: State
    hands: frozenset[Hand] = frozenset()
    met: frozenset[Need] = frozenset()
    demanded: frozenset[Need] = frozenset()
    is_own: bool = False
    said: Mapping[Need, tuple[str, str]] = field(default_factory=dict)


def _stays(*states: State) -> dict[State, State]:
    return {state: state for state in states}


def _from(*states: State, to: State) -> dict[State, State]:
    return dict.fromkeys(states, to)


def _hands(*hands: Hand) -> frozenset[Hand]:
    return frozenset(hands)


WORKS: Final = _hands("department", "handler")
CHECKS: Final = _hands("desk", "walker", "supervision")

STATES: Final[dict[State, tuple[str, str]]] = {
    "reported": ("已上报", "reported"),
    "verified": ("已核实", "verified"),
    "filed": ("已立案", "filed"),
    "dispatched": ("已派遣", "dispatched"),
    "handling": ("处置中", "in hand"),
    "handled": ("待核查", "handled, to be checked"),
    "closed": ("已结案", "closed"),
    "evaluated": ("已评价", "evaluated"),
    "settled": ("即办办结", "settled on the spot"),
    "suspended": ("挂账", "suspended"),
    "rejected": ("不予立案", "rejected"),
    "merged": ("已并案", "merged"),
}
ENDED: Final = frozenset[State]({"closed", "evaluated", "settled", "rejected", "merged"})
OPEN: Final = frozenset(STATES) - ENDED
DONE: Final = frozenset[State]({"closed", "evaluated", "settled"})
"""What was brought to an end on the ground."""
RUNNING: Final = frozenset[State]({"filed", "dispatched", "handling"})
"""Where the clock of the limit runs."""

RULES: Final[dict[Move, Rule]] = {
    "verify": Rule(
        "核实",
        "verify",
        _from("reported", to="verified"),
        _hands("desk", "walker"),
        needs=("words",),
        by_others=True,
    ),
    "file": Rule(
        "立案",
        "file",
        _from("reported", "verified", to="filed"),
        _hands("desk"),
        needs=("confirmed", "condition"),
        clock="start",
    ),
    "reject": Rule(
        "不予立案",
        "reject",
        _from("reported", "verified", to="rejected"),
        _hands("desk"),
        needs=("reason",),
    ),
    "merge": Rule(
        "并案",
        "merge",
        _from("reported", "verified", "filed", to="merged"),
        _hands("desk"),
        needs=("into",),
        clock="stop",
    ),
    "settle": Rule(
        "即办",
        "settle on the spot",
        _from("reported", "verified", "filed", to="settled"),
        _hands("desk", "department", "handler", "walker"),
        needs=("words", "photo", "near", "document"),
        clock="stop",
    ),
    "dispatch": Rule(
        "派遣",
        "dispatch",
        _from("filed", to="dispatched"),
        _hands("desk"),
        needs=("addressee",),
    ),
    "accept": Rule(
        "受理",
        "accept",
        _from("dispatched", to="handling"),
        WORKS,
    ),
    "send_back": Rule(
        "退回重派",
        "send back",
        _from("dispatched", "handling", to="filed"),
        WORKS,
        needs=("reason",),
    ),
    "transfer": Rule(
        "转办",
        "transfer",
        _from("dispatched", "handling", to="dispatched"),
        _hands("desk", "department"),
        needs=("addressee", "reason"),
    ),
    "finish": Rule(
        "处置完成",
        "finish",
        _from("handling", to="handled"),
        WORKS,
        needs=("words",),
        clock="pause",
    ),
    "pass": Rule(
        "核查通过",
        "check: passed",
        _from("handled", "settled", to="closed"),
        CHECKS,
        needs=("photo", "near", "document"),
        clock="stop",
        by_others=True,
    ),
    "fail": Rule(
        "核查不通过",
        "check: failed",
        {"handled": "handling", "settled": "verified"},
        CHECKS,
        needs=("reason",),
        clock="resume",
        by_others=True,
    ),
    "evaluate": Rule(
        "综合评价",
        "evaluate",
        _from("closed", "settled", to="evaluated"),
        _hands("desk", "supervision"),
        needs=("score",),
    ),
    "escalate": Rule(
        "上报上级",
        "escalate",
        _stays("reported", "verified", "filed", "dispatched", "handling"),
        _hands("desk", "department", "handler"),
        needs=("above", "reason"),
    ),
    "hand_over": Rule(
        "移交相邻网格",
        "hand over to a neighbour",
        _stays("reported", "verified", "filed"),
        _hands("desk"),
        needs=("cell", "reason"),
    ),
    "suspend": Rule(
        "挂账",
        "suspend",
        _from("handling", to="suspended"),
        _hands("desk"),
        needs=("fresh", "until", "reason"),
        clock="pause",
    ),
    "resume": Rule(
        "恢复办理",
        "resume",
        _from("suspended", to="handling"),
        _hands("desk", "department", "handler"),
        clock="resume",
    ),
    "extend": Rule(
        "延期",
        "extend",
        _stays("dispatched", "handling"),
        _hands("desk"),
        needs=("extendable", "reason"),
        clock="extend",
    ),
    "reopen": Rule(
        "重新办理",
        "reopen",
        {
            **_from("closed", "evaluated", "settled", to="verified"),
            **_from("rejected", "merged", to="reported"),
        },
        _hands("desk", "supervision"),
        needs=("reason",),
    ),
}
EVIDENCE: Final = frozenset[Need]({"photo", "near", "document"})
"""What closing needs where the kind demands it."""
SHOW_DONE: Final[Mapping[State, frozenset[Hand]]] = {
    **dict.fromkeys(("reported", "verified", "filed"), RULES["settle"].hands),
    **dict.fromkeys(("dispatched", "handling", "suspended"), WORKS),
    "handled": WORKS | CHECKS,
    "settled": RULES["settle"].hands | CHECKS,
}
"""In whose hands it is to show what was done: of those who work on it, or settle it, and of those who then check it."""
ROUNDS: Final = frozenset[Move]({"reopen", "fail"})
"""The moves that begin a new round: what was shown before is disproved, and proves nothing any more."""

MISSING: Final[dict[Need, tuple[str, str]]] = {
    "reason": ("原因(reason)", "a reason"),
    "words": ("说明(words)", "words on what was found or done"),
    "confirmed": ("先核实:公众上报须核实后立案", "verification first: a public report is confirmed before it is filed"),
    "condition": ("立案条件(condition),须是该类别的条件", "a filing condition of its kind"),
    "addressee": ("职能部门(department)或经办人(person)", "a department or a person"),
    "cell": ("相邻的网格(cell)", "a neighbouring cell"),
    "above": ("上一级:本件已在街道", "a level above: it is at the street already"),
    "into": ("并入的案件(into),不能是本件或已并案的", "the incident to merge into, which is another and not merged"),
    "until": ("挂账期限(until):将来的日期,至多一年", "a day until which, in the future and at most a year ahead"),
    "score": ("评分(score):1 至 5", "a score of 1 to 5"),
    "fresh": ("未挂过账:每件只能挂账一次", "no suspension before: there is one for each incident"),
    "extendable": ("可以延期:至多两次,超期后不得延期", "time left: at most two extensions, none once overdue"),
    "photo": (
        "处置照片(重新办理、核查不通过后须为新照片)",
        "a photo of what was done, new since the last reopening or failed check",
    ),
    "near": ("在现场的定位:离事发地不够近", "a position on site: near enough to the incident"),
    "document": (
        "办结文书(重新办理、核查不通过后须为新文书)",
        "a document, new since the last reopening or failed check",
    ),
}


def judge(move: Move, standing: Standing) -> State:
    """Return the state to which a move leads. Raises IllegalMove, NotYourMove, Incomplete, in that order."""
    rule = RULES[move]
    if standing.state not in rule.leads:
        raise _illegal(move, standing.state)
    if not rule.hands & standing.hands or (rule.by_others and standing.is_own):
        raise _not_yours(rule, standing)
    missing = [need for need in required(move, standing) if need not in standing.met]
    if missing:
        told = [standing.said.get(need, MISSING[need]) for need in missing]
        zh, en = "、".join(zh for zh, _ in told), "; ".join(en for _, en in told)
        raise Incomplete(f"“{rule.zh}”还缺:{zh}", f"to {rule.en} it takes: {en}")
    return rule.leads[standing.state]


def required(move: Move, standing: Standing) -> tuple[Need, ...]:
    """Return what a move needs here: of evidence, only what the kind of the incident demands."""
    return tuple(need for need in RULES[move].needs if need not in EVIDENCE or need in standing.demanded)


def open_to(standing: Standing) -> list[Move]:
    """Return the moves that somebody could make, if they brought what each needs."""
    return [
        move
        for move, rule in RULES.items()
        if standing.state in rule.leads and rule.hands & standing.hands and not (rule.by_others and standing.is_own)
    ]


def _illegal(move: Move, state: State) -> IllegalMove:
    (zh, en), rule = STATES[state], RULES[move]
    return IllegalMove(f"“{zh}”的案件不能“{rule.zh}”", f"an incident that is {en} cannot take the move: {rule.en}")


def _not_yours(rule: Rule, standing: Standing) -> NotYourMove:
    if rule.hands & standing.hands:
        return NotYourMove(
            f"“{rule.zh}”须由他人进行:不能核实自己的上报,也不能核查自己的处置",
            f"to {rule.en} is for somebody else: nobody verifies their own report or checks their own work",
        )
    return NotYourMove(f"“{rule.zh}”不由您的角色进行", f"to {rule.en} is not for your role here")
