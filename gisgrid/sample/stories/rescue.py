"""The rescue of 2007: a young person is about to jump; word goes up in seconds, and all act together.

The emergency room is handed in as `Room`: what it does is its own, the story only says who does what, and when.
"""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Final, NamedTuple

from sqlalchemy.orm import Session

from gisgrid.audit.record import Actor
from gisgrid.incidents.report import Report
from gisgrid.sample.stories.papers import document
from gisgrid.sample.stories.stage import Stage, Told
from gisgrid.settings import Settings
from gisgrid.staff.caller import Caller

KIND: Final = "L0801"
WORDS: Final = "一名青年站在楼顶边缘"


class Moment(NamedTuple):
    """An entry of the time line: when, what in both languages, and by whom."""

    at: datetime
    zh: str
    en: str
    by: str


class Room(NamedTuple):
    """The acts of the emergency room.

    `start`: report an emergency, which starts its plan and alerts people; return the incident and the emergency.
    `called`: who was alerted. `acknowledge`, `say`, `end`: what whoever is called does. `timeline`: all of it.
    """

    start: Callable[[Session, Settings, Report, Actor], tuple[int, int]]
    called: Callable[[Session, int], Iterable[int]]
    acknowledge: Callable[[Session, Caller, int], None]
    say: Callable[[Session, Caller, int, str], None]
    end: Callable[[Session, Caller, int, str], None]
    timeline: Callable[[Session, Settings, Caller, int], Iterable[Moment]]


def rescue(stage: Stage, room: Room) -> int:
    """Tell the story; return the row of the emergency. Raises InRealUse, NoActors."""
    desk, leader = stage.caller("station_staff"), stage.caller("street_leader")
    at, now = stage.place(desk), datetime.now(UTC)
    sent = Report(KIND, now, now, *at, WORDS, reported_by=desk.person, sender=f"person{desk.person}", source="alarm")
    with stage.acting(desk) as session:
        incident, emergency = room.start(session, stage.settings, sent, Actor("person", desk.person))
        called = list(room.called(session, emergency))
    stage.tell(
        desk.name, f"上报并启动预案:{WORDS}", "reports, and the plan starts: a young person at the edge of a roof"
    )
    for who in stage.callers(called):
        with stage.acting(who) as session:
            room.acknowledge(session, who, emergency)
        stage.tell(who.name, "确认收到", "acknowledges")
    with stage.acting(desk) as session:
        room.say(session, desk, emergency, "正在交谈,气垫已铺好,家属已到场")
    stage.tell(desk.name, "正在交谈,气垫已铺好,家属已到场", "talking; the air cushion is laid, the family is there")
    with stage.acting(leader) as session:
        room.end(session, leader, emergency, "当事人获救,无人受伤")
    stage.tell(leader.name, "应急结束:当事人获救,无人受伤", "the emergency ends: saved, nobody is hurt")
    _settle(stage, desk, Told(incident, "", *at))
    with stage.acting(leader) as session:
        line = list(room.timeline(session, stage.settings, leader, emergency))
    for each in line:
        stage.line(f"    {each.at.astimezone(stage.settings.zone):%H:%M:%S} {each.by} {each.zh} / {each.en}")
    return emergency


def _settle(stage: Stage, desk: Caller, its: Told) -> None:
    stage.show(desk, its, document("Record of the rescue"), "处置记录", "the record of the rescue")
    stage.move(desk, its, "settle", "当事人已被救下,送医陪护", "saved, in hospital and not left alone")
