"""Rows of the plans: what is planned and by whom, what checkpoints were before, which rounds were missed.

Rounds have no rows: they follow from the plans, and their states from the fixes.
"""

from datetime import date, datetime
from typing import Any, Literal

from geoalchemy2 import Geometry, WKBElement
from sqlalchemy import JSON, ColumnElement, ForeignKey, Index, LargeBinary, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.sql.base import ReadOnlyColumnCollection

from gisgrid.database import Base, RowId
from gisgrid.once import table_of
from gisgrid.patrols.plans.terms import PlaceKind
from gisgrid.sight import SIGHT, Sight, seen_by

ClosedAs = Literal["visit", "corrected", "reason"]
"""A gap closes by a later `visit`, by a written `reason`, or because the round was done after all: `corrected`."""

GapLevel = Literal["street", "community", "substation"]
"""The level of the cell that answers for a gap."""

Columns = ReadOnlyColumnCollection[str, Any]


def _answered_for(sight: Sight, columns: Columns) -> ColumnElement[bool]:
    return sight.answers.hold(columns)


class Plan(Base):
    """What is to be visited, how often, when and by whom, from a first local day to a last one, None is for good.

    `terms` are a list, see `terms.Terms`: each holds from its day until the next one's. `seed` is a secret, from which
    random times are drawn. The cells are the smallest that hold all its places. `is_operation`: a special operation.
    """

    __tablename__ = "plans"
    __table_args__ = {"info": {SIGHT: _answered_for}}  # noqa: RUF012 - SQLAlchemy reads it from the class

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    name: Mapped[str]
    is_operation: Mapped[bool]
    first_day: Mapped[date]
    last_day: Mapped[date | None]
    terms: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    seed: Mapped[bytes] = mapped_column(LargeBinary)
    street_id: Mapped[int | None] = mapped_column(ForeignKey("cells.id"))
    community_id: Mapped[int | None] = mapped_column(ForeignKey("cells.id"))
    substation_id: Mapped[int | None] = mapped_column(ForeignKey("cells.id"))
    made_by: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    made_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


def _with_its_plan(sight: Sight, columns: Columns) -> ColumnElement[bool]:
    plans = table_of(Plan)
    number: ColumnElement[int] = columns.plan_id
    return number.in_(select(plans.c.id).where(seen_by(sight, plans)))


class PlanPerson(Base):
    """Somebody who is to do the rounds of a plan, by its terms of that day."""

    __tablename__ = "plan_people"
    __table_args__ = {"info": {SIGHT: _with_its_plan}}  # noqa: RUF012 - SQLAlchemy reads it from the class

    plan_id: Mapped[int] = mapped_column(ForeignKey("plans.id"), primary_key=True)
    since: Mapped[date] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True, index=True)


class PlanArea(Base):
    """The area of a special operation, as it was drawn."""

    __tablename__ = "plan_areas"
    __table_args__ = {"info": {SIGHT: _with_its_plan}}  # noqa: RUF012 - SQLAlchemy reads it from the class

    plan_id: Mapped[int] = mapped_column(ForeignKey("plans.id"), primary_key=True)
    geometry: Mapped[WKBElement] = mapped_column(Geometry("POLYGON", srid=4326))


class Gap(Base):
    """A round that was missed, in the cells of its place; it closes at `closed_at`, see ClosedAs.

    `level` is that which answers for it now, and has since `level_since`. `steps` are its life in JSON, see GapStep.
    """

    __tablename__ = "gaps"
    __table_args__ = (
        UniqueConstraint("plan_id", "day", "number"),
        Index("ix_gaps_closed_as_opened_at", "closed_as", "opened_at"),
        Index("ix_gaps_closed_as_level_since", "closed_as", "level_since"),
        {"info": {SIGHT: _answered_for}},
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    plan_id: Mapped[int] = mapped_column(ForeignKey("plans.id"))
    day: Mapped[date]
    number: Mapped[int]
    kind: Mapped[PlaceKind] = mapped_column(String)
    code: Mapped[str]
    start_at: Mapped[datetime]
    end_at: Mapped[datetime]
    last_at: Mapped[datetime]
    street_id: Mapped[int | None] = mapped_column(ForeignKey("cells.id"), index=True)
    community_id: Mapped[int | None] = mapped_column(ForeignKey("cells.id"), index=True)
    substation_id: Mapped[int | None] = mapped_column(ForeignKey("cells.id"), index=True)
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    closed_as: Mapped[ClosedAs | None] = mapped_column(String)
    reason: Mapped[str] = mapped_column(default="")
    closed_by: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    level: Mapped[GapLevel] = mapped_column(String)
    level_since: Mapped[datetime]
    steps: Mapped[str]


class PlanDay(Base):
    """How many rounds of a plan came to what on a sealed day, of which nothing else is left."""

    __tablename__ = "plan_days"

    day: Mapped[date] = mapped_column(ForeignKey("sealed_days.day"), primary_key=True)
    plan_id: Mapped[int] = mapped_column(ForeignKey("plans.id"), primary_key=True)
    done: Mapped[int]
    done_late: Mapped[int]
    missed: Mapped[int]
    check_ins: Mapped[int]


class JudgedDay(Base):
    """How the rounds of a closed day stood, by what they follow from: `basis`, see `day_basis`. A day sealed has none.

    `rounds` are lists of a plan, the codes of street, community and substation, a state, and the seconds since 1970 at
    which rounds began. All of it can be worked out anew.
    """

    __tablename__ = "judged_days"

    day: Mapped[date] = mapped_column(primary_key=True)
    basis: Mapped[str]
    rounds: Mapped[list[Any]] = mapped_column(JSON)


class FormerCheckpoint(Base):
    """What a checkpoint was until it changed: a round is judged by what stood when it began."""

    __tablename__ = "former_checkpoints"

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    checkpoint_id: Mapped[int] = mapped_column(ForeignKey("checkpoints.id"), index=True)
    until: Mapped[datetime]
    longitude: Mapped[float]
    latitude: Mapped[float]
    radius_m: Mapped[float]
    dwell_s: Mapped[float]
    needs_code: Mapped[bool]
    is_retired: Mapped[bool]
