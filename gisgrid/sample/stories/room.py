"""The emergency room as the story of the rescue needs it."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

from sqlalchemy.orm import Session

from gisgrid.audit.record import Actor
from gisgrid.incidents.emergencies.alerting import acknowledge, called_of
from gisgrid.incidents.emergencies.present import emergency_shown
from gisgrid.incidents.emergencies.progress import end, say
from gisgrid.incidents.emergencies.start import report_at_once, running_of
from gisgrid.incidents.report import Report
from gisgrid.sample.stories.rescue import Moment, Room
from gisgrid.settings import Settings
from gisgrid.sight import seeing_everything
from gisgrid.staff.caller import Caller


def _start(session: Session, settings: Settings, sent: Report, actor: Actor) -> tuple[int, int]:
    (outcome,) = report_at_once(session, settings, [sent], actor)
    if outcome.row is None:
        raise outcome.error or AssertionError("neither a row nor an error")
    incident: int = outcome.row["id"]
    with seeing_everything(session):
        emergency = running_of(session, incident)
    if emergency is None:
        raise AssertionError("an emergency that no plan was started for")
    return incident, emergency


def _called(session: Session, emergency: int) -> list[int]:
    with seeing_everything(session):
        return [each.person_id for each in called_of(session, emergency)]


def _acknowledge(session: Session, caller: Caller, emergency: int) -> None:
    acknowledge(session, caller.person or 0, emergency, datetime.now(UTC))


def _timeline(session: Session, settings: Settings, caller: Caller, emergency: int) -> Iterator[Moment]:
    for each in emergency_shown(session, settings, caller, emergency, datetime.now(UTC))["timeline"]:
        yield Moment(each["at"], f"{each['zh']} {each['words']}".strip(), each["en"], each["by"] or "gisgrid")


ROOM: Final = Room(_start, _called, _acknowledge, say, end, _timeline)
