"""The time line of an emergency: steps of the incident, alerts, receipts, tasks and words, as they happened. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, Literal, NamedTuple

What = Literal["step", "started", "alerted", "silent", "nobody", "acknowledged", "done", "said", "ended"]
WORDS: Final[dict[What, tuple[str, str]]] = {
    "step": ("", ""),  # the move has a name of its own
    "started": ("启动预案", "the plan was started"),
    "alerted": ("通知", "alerted"),
    "silent": ("未按时回执", "no receipt in time"),
    "nobody": ("没有人可通知,请打电话", "nobody to alert, telephone"),
    "acknowledged": ("已确认收到", "acknowledged"),
    "done": ("完成", "done"),
    "said": ("说明", "said"),
    "ended": ("应急结束", "the emergency ended"),
}
RANK: Final = {what: place for place, what in enumerate(WORDS)}
"""What comes first of what happened at the same moment."""


class Moment(NamedTuple):
    """An entry: when, what, in both languages, who (the row of a person), and the words that go with it."""

    at: datetime
    what: What
    zh: str
    en: str
    person: int | None = None
    words: str = ""


def timeline(
    emergency: Mapping[str, Any],
    steps: Sequence[Mapping[str, Any]],
    alerts: Sequence[Mapping[str, Any]],
    tasks: Sequence[Mapping[str, Any]],
    remarks: Sequence[Mapping[str, Any]],
    lines: Sequence[Mapping[str, Any]],
) -> list[Moment]:
    """Return all that happened in the order in which it did.

    `steps` are the incident's, with `zh` and `en` of their move; `lines` are as they are shown; the others are rows
    of the emergency's tables.
    """
    found = [
        *(Moment(each["made_at"], "step", each["zh"], each["en"], each["made_by"], each["words"]) for each in steps),
        _moment("started", emergency["started_at"], emergency["started_by"]),
        *(moment for each in alerts for moment in _of_alert(each)),
        *(moment for each in lines for moment in _of_line(each, emergency["started_at"])),
        *(_done(each) for each in tasks if each["done_at"]),
        *(_moment("said", each["written_at"], each["written_by"], each["words"]) for each in remarks),
    ]
    if emergency["ended_at"]:
        found.append(_moment("ended", emergency["ended_at"], emergency["ended_by"], emergency["words"]))
    return sorted(found, key=lambda each: (each.at, RANK[each.what]))


def _moment(what: What, at: datetime, person: int | None, words: str = "") -> Moment:
    return Moment(at, what, *WORDS[what], person, words)


def _of_alert(alert: Mapping[str, Any]) -> Iterable[Moment]:
    person = alert["person_id"]
    yield _moment("alerted", alert["alerted_at"], person)
    if alert["followed_up_at"]:
        yield _moment("silent", alert["followed_up_at"], person)
    if alert["acknowledged_at"]:
        yield _moment("acknowledged", alert["acknowledged_at"], person)


def _of_line(line: Mapping[str, Any], started_at: datetime) -> Iterable[Moment]:
    """Tell of a line in which there was nobody to begin with, or nobody next when those who were called were silent."""
    zh, en = WORDS["nobody"]
    since = line["people"][-1]["followed_up_at"] if line["people"] else started_at
    if since is not None:
        yield Moment(since, "nobody", f"{line['zh']}:{zh}", f"{line['en']}: {en}")


def _done(task: Mapping[str, Any]) -> Moment:
    zh, en = WORDS["done"]
    return Moment(task["done_at"], "done", f"{zh}:{task['zh']}", f"{en}: {task['en']}", task["done_by"], task["words"])
