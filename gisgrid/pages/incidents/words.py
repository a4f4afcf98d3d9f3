"""What is said of incidents on pages: the light of the limit, how long something lasts, states, sources and moves."""

from typing import Any, Final, NamedTuple

from gisgrid.incidents.clock import DAY_S, Clock, Reading
from gisgrid.incidents.kinds.edition import Kind
from gisgrid.incidents.lifecycle import STATES
from gisgrid.incidents.loop.standing import limit_of
from gisgrid.incidents.sources import SOURCES
from gisgrid.pages.called import Both, Choice

HOUR_S, MINUTE_S = 3600, 60
STATE_NAMES: Final = {state: Both(*names) for state, names in STATES.items()}
SOURCE_NAMES: Final = {source: Both(*names) for source, names in SOURCES.items()}
STATE_CHOICES: Final = [Choice(state, names) for state, names in STATE_NAMES.items()]
SOURCE_CHOICES: Final = [Choice(source, names) for source, names in SOURCE_NAMES.items()]


class Light(NamedTuple):
    """What the clock of a limit shows: told apart by its sign and its words, and by colour besides."""

    css: str
    sign: str
    words: Both
    more: Both


LIGHTS: Final = {
    "none": ("off", "○", Both("未起算", "not started")),
    "green": ("green", "●", Both("正常", "in time")),
    "yellow": ("yellow", "▲", Both("临期", "nearly due")),
    "red": ("red", "■", Both("超期", "overdue")),
    "paused": ("off", "‖", Both("停表", "paused")),
    "stopped": ("off", "✓", Both("已停", "stopped")),
}
IN_TIME, TOO_LATE = Both("按期", "in time"), Both("曾超期", "was overdue")


def light_of(shown: Reading, clock: Clock | None) -> Light:
    """Return the light of a clock: with what is left, or how much it is over."""
    css, sign, words = LIGHTS[shown.state]
    if shown.allowed_s is None or clock is None:
        return Light(css, sign, words, Both("", ""))
    if shown.state == "stopped":
        return Light(css, sign, words, TOO_LATE if shown.is_overdue else IN_TIME)
    left_s = shown.allowed_s - shown.used_s
    span = lasting(abs(left_s), clock)
    more = Both(f"余 {span.zh}", f"{span.en} left") if left_s >= 0 else Both(f"超 {span.zh}", f"{span.en} over")
    return Light(css, sign, words, more)


def clock_of(kind: Kind | None, condition: str | None) -> Clock | None:
    """Return on which clock the limit of a filing condition runs."""
    limit = limit_of(kind, condition) if kind else None
    return limit.clock if limit else None


def lasting(seconds: float, clock: Clock) -> Both:
    """Return seconds of a clock in words, to the minute, in its own days: one of work has 8 hours."""
    days, rest = divmod(int(seconds), DAY_S[clock])
    hours, rest = divmod(rest, HOUR_S)
    minutes = rest // MINUTE_S
    parts = [(days, "个工作日" if clock == "normal" else "天", "working d" if clock == "normal" else "d")]
    parts += [(hours, "小时", "h"), (minutes, "分", "min")]
    told = [part for part in parts if part[0]][:2] or [(minutes, "分", "min")]
    return Both(" ".join(f"{n} {zh}" for n, zh, _ in told), " ".join(f"{n} {en}" for n, _, en in told))


def condition_choices(kind: Kind) -> list[Choice]:
    """Return the filing conditions of a kind, each with its limit."""
    found = []
    for each in kind.conditions:
        span = lasting(each.limit_s, each.clock)
        urgent = Both("紧急 ", "urgent ") if each.clock == "urgent" else Both("", "")
        words = Both(f"{each.name_zh}（{urgent.zh}{span.zh}）", f"{each.name_en} ({urgent.en}{span.en})")
        found.append(Choice(each.code, words))
    return found


def kind_groups(kinds: Any) -> list[tuple[Both, list[Choice]]]:
    """Return kinds by class, in the order of their table."""
    groups: dict[str, tuple[Both, list[Choice]]] = {}
    for kind in kinds:
        named = groups.setdefault(kind.class_code, (Both(kind.class_zh, kind.class_en), []))
        named[1].append(Choice(kind.code, Both(kind.name_zh, kind.name_en)))
    return list(groups.values())
