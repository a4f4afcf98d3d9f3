"""The stage of a story: who plays whom, what they do in their own sight, and the line that is told of it."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

import shapely
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from gisgrid.attachments.store import taken_in
from gisgrid.audit.record import Actor
from gisgrid.database import session_scope
from gisgrid.errors import Conflict
from gisgrid.grid.locate import grid_on
from gisgrid.incidents.lifecycle import RULES, Move
from gisgrid.incidents.loop.evidence import add_exhibit
from gisgrid.incidents.loop.standing import Wish
from gisgrid.incidents.loop.transitions import move
from gisgrid.incidents.report import Report, report
from gisgrid.incidents.reports import require_incident
from gisgrid.incidents.sources import Source
from gisgrid.sample.people import require_nobody
from gisgrid.settings import Settings
from gisgrid.staff.caller import Caller, roles_of, sight_for
from gisgrid.staff.roles import Permission
from gisgrid.staff.tables import Appointment, Person

Tell = Callable[[str], None]
FIRST_OF: Final[tuple[Permission, ...]] = ("incidents", "report")
"""By which permission incidents are seen: as the routes of the loop ask for them."""


class NoActors(Conflict):
    """A database without the accounts of the demonstration."""


class Told(NamedTuple):
    """An incident of a story: its row, its number and its place."""

    id: int
    number: str
    longitude: float
    latitude: float


@dataclass(frozen=True, slots=True)
class Stage:
    """Where a story is told: the database, and who is told each line as it happens."""

    engine: Engine
    settings: Settings
    line: Tell

    def tell(self, who: str, zh: str, en: str) -> None:
        """Tell a line, with the time and who does what it says."""
        now = datetime.now(self.settings.zone)
        self.line(f"{now:%Y-%m-%d %H:%M:%S}  {who}  {zh} / {en}")

    def caller(self, role: str) -> Caller:
        """Return the account of the demonstration that has a role. Raises InRealUse, NoActors."""
        with session_scope(self.engine) as session:
            require_nobody(session)
            asked = select(Person.id, Person.name).join(Appointment, Appointment.person_id == Person.id)
            its = asked.where(Person.is_demonstration, Appointment.role == role).order_by(Person.id)
            row = session.execute(its).first()
            if row is None:
                raise NoActors(
                    "此数据库没有演示账号;请先运行 gisgrid init --sample",
                    "this database has no demonstration accounts; run first: gisgrid init --sample",
                )
            return Caller("person", person=row.id, name=row.name, roles=roles_of(session, row.id))

    def callers(self, people: Iterable[int]) -> list[Caller]:
        """Return the accounts of some people, in the order of their rows."""
        with session_scope(self.engine) as session:
            asked = select(Person.id, Person.name).where(Person.id.in_(set(people))).order_by(Person.id)
            rows = session.execute(asked).all()
            return [Caller("person", person=row.id, name=row.name, roles=roles_of(session, row.id)) for row in rows]

    @contextmanager
    def acting(self, who: Caller, *permissions: Permission) -> Iterator[Session]:
        """Yield a session in which somebody acts, with their own sight; what they did is kept at its end."""
        permission = next(each for each in (*permissions, *FIRST_OF) if who.may(each))
        with session_scope(self.engine) as session:
            sight = sight_for(session, who, permission)
        with session_scope(self.engine, write=True, sight=sight) as session:
            yield session

    def place(self, who: Caller) -> tuple[float, float]:
        """Return a place in the first substation of the cell in which somebody has their role."""
        code = who.roles[0].cell_code or ""
        with session_scope(self.engine) as session:
            cells = grid_on(session).cells
        inside = cells[(cells["level"] == "substation") & cells["code"].str.startswith(code)]
        point = shapely.point_on_surface(inside.geometry.iloc[0])
        return point.x, point.y

    # --- what people do -------------------------------------------------------------------------------

    def report(self, who: Caller, kind: str, at: tuple[float, float], words: str, en: str, source: Source) -> Told:
        """Let somebody report an incident at a place."""
        now = datetime.now(UTC)
        sent = Report(kind, now, now, *at, words, reported_by=who.person, sender=f"person{who.person}", source=source)
        with self.acting(who) as session:
            (outcome,) = report(session, [sent], self.settings.zone, Actor("person", who.person))
        if outcome.row is None:
            raise outcome.error or AssertionError("neither a row nor an error")
        self.tell(who.name, f"上报 {outcome.row['number']}:{words}", f"reports: {en}")
        return Told(outcome.row["id"], outcome.row["number"], *at)

    def move(self, who: Caller, its: Told, name: Move, words: str = "", en: str = "", **more: Any) -> None:
        """Let somebody move an incident, from where they look at it now."""
        with self.acting(who) as session:
            revision = require_incident(session, its.id)["revision"]
            move(session, self.settings, who, its.id, revision, Wish(name, words, **more))
        rule = RULES[name]
        self.tell(who.name, f"{rule.zh}{words and f':{words}'}", f"{rule.en}{en and f': {en}'}")

    def show(self, who: Caller, its: Told, data: bytes, zh: str, en: str) -> None:
        """Let somebody add a photo or a document of what was done."""
        content = taken_in(data, self.settings)
        with self.acting(who) as session:
            actor = Actor("person", who.person)
            add_exhibit(session, actor, its.id, content, "done", zh, datetime.now(UTC))
        self.tell(who.name, f"附上{zh}", f"adds {en}")
