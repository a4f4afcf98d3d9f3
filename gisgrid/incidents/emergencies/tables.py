"""Rows of the emergencies: the plans, what was started, who was alerted, what is to be done and what was said."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, ForeignKey, Index, UniqueConstraint, select, text
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.sql.base import ReadOnlyColumnCollection

from gisgrid.database import Base, RowId
from gisgrid.incidents.tables import with_its_incident
from gisgrid.once import table_of
from gisgrid.sight import SIGHT, Sight, seen_by

Columns = ReadOnlyColumnCollection[str, Any]


def _with_its_emergency(sight: Sight, columns: Columns) -> ColumnElement[bool]:
    emergencies = table_of(Emergency)
    number: ColumnElement[int] = columns.emergency_id
    return number.in_(select(emergencies.c.id).where(seen_by(sight, emergencies)))


class ContingencyPlan(Base):
    """A contingency plan (预案). `kinds` are the codes that start it, by commas; the general one has none.

    `calls` and `checklist` are JSON, as `gisgrid.incidents.emergencies.plans` reads them.
    """

    __tablename__ = "contingency_plans"

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    name_zh: Mapped[str]
    name_en: Mapped[str]
    kinds: Mapped[str]
    calls: Mapped[str]
    checklist: Mapped[str]
    made_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]


class Emergency(Base):
    """An incident for which a plan was started; one of an incident runs at a time. `words` are how it ended.

    `started_by` is None where a phone that nobody was signed on to reported it.
    """

    __tablename__ = "emergencies"
    __table_args__ = (
        Index(
            "uq_emergencies_running",
            "incident_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index("ix_emergencies_ended_at", "ended_at"),
        {"info": {SIGHT: with_its_incident}},
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id"), index=True)
    plan_id: Mapped[int | None] = mapped_column(ForeignKey("contingency_plans.id"))
    started_at: Mapped[datetime]
    started_by: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    words: Mapped[str] = mapped_column(default="", server_default="")


class Alert(Base):
    """Somebody who was called: in which line, as which in turn.

    A line is a role or, where `department_id` is given, a department. `followed_up_at` is when the next in line was
    called because nobody of this line had acknowledged.
    """

    __tablename__ = "emergency_alerts"
    __table_args__ = (
        UniqueConstraint("emergency_id", "person_id"),
        {"info": {SIGHT: _with_its_emergency}},
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    emergency_id: Mapped[int] = mapped_column(ForeignKey("emergencies.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    role: Mapped[str]
    department_id: Mapped[int | None] = mapped_column(ForeignKey("departments.id"))
    turn: Mapped[int]
    alerted_at: Mapped[datetime]
    acknowledged_at: Mapped[datetime | None]
    followed_up_at: Mapped[datetime | None]


class Task(Base):
    """A line of the checklist, as the plan had it when it was started; `role` or `department_id` is whose it is."""

    __tablename__ = "emergency_tasks"
    __table_args__ = (
        UniqueConstraint("emergency_id", "number"),
        {"info": {SIGHT: _with_its_emergency}},
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    emergency_id: Mapped[int] = mapped_column(ForeignKey("emergencies.id"))
    number: Mapped[int]
    zh: Mapped[str]
    en: Mapped[str]
    role: Mapped[str | None]
    department_id: Mapped[int | None] = mapped_column(ForeignKey("departments.id"))
    due_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    done_by: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    words: Mapped[str] = mapped_column(default="", server_default="")


class Remark(Base):
    """What somebody said while an emergency ran."""

    __tablename__ = "emergency_remarks"
    __table_args__ = {"info": {SIGHT: _with_its_emergency}}  # noqa: RUF012 - SQLAlchemy reads it from the class

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    emergency_id: Mapped[int] = mapped_column(ForeignKey("emergencies.id"), index=True)
    words: Mapped[str]
    written_by: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    written_at: Mapped[datetime]
