"""Rows of the staff: people, what they are in which cell, and every token that lets somebody in."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, validates

from gisgrid.database import Base, RowId
from gisgrid.staff.names import folded


class Person(Base):
    """Somebody with an account. `name` is what they sign in with; whoever was erased keeps the number alone.

    `name_key` is the folded name; setting `name` sets it.
    """

    __tablename__ = "people"

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    name: Mapped[str]
    name_key: Mapped[str] = mapped_column(unique=True)
    full_name: Mapped[str] = mapped_column(default="")
    phone: Mapped[str | None]
    password_hash: Mapped[str | None]
    password_set_at: Mapped[datetime | None]
    pin_hash: Mapped[str | None]
    oidc_subject: Mapped[str | None] = mapped_column(unique=True)
    is_active: Mapped[bool] = mapped_column(default=True)
    is_demonstration: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    erased_at: Mapped[datetime | None]

    @validates("name")
    def _fold(self, _: str, name: str) -> str:
        self.name_key = folded(name)
        return name


class Skill(Base):
    """What else a person can do (一人多专), a tag."""

    __tablename__ = "skills"

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)
    tag: Mapped[str] = mapped_column(primary_key=True)


class RoleName(Base):
    """What an office calls a role; what the role may do is in `roles`."""

    __tablename__ = "role_names"

    code: Mapped[str] = mapped_column(primary_key=True)
    zh: Mapped[str]
    en: Mapped[str]


class Department(Base):
    """One of the departments that sit at the street."""

    __tablename__ = "departments"

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    zh: Mapped[str]
    en: Mapped[str]


class Appointment(Base):
    """A role of a person in a cell and everything below it.

    The cell is named by its code, which stays when the grid is replaced; None is everywhere. `department_id` says for
    whom department staff and liaison officers act.
    """

    __tablename__ = "appointments"
    __table_args__ = (UniqueConstraint("person_id", "role", "cell_code", "department_id"),)

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    role: Mapped[str] = mapped_column(ForeignKey("role_names.code"))
    cell_code: Mapped[str | None]
    department_id: Mapped[int | None] = mapped_column(ForeignKey("departments.id"))
    granted_at: Mapped[datetime]


class Token(Base):
    """Something opaque that lets its bearer in; of the token itself only the hash is kept.

    A `session` is a browser that signed in, `browser` one that did so before, `link` works once, `oidc` is a way to the
    office's provider and back, `api` acts for its person. A `device` is a phone of a cell, whoever carries it, and a
    `board` a screen on a wall.
    """

    __tablename__ = "tokens"
    __table_args__ = (Index("ix_tokens_person_id_kind", "person_id", "kind"),)

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    kind: Mapped[str]
    hash: Mapped[str] = mapped_column(unique=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    cell_code: Mapped[str | None]
    name: Mapped[str] = mapped_column(default="")
    form_token: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class Attempt(Base):
    """A credential that was wrong: whose, or from where, is the key."""

    __tablename__ = "attempts"
    __table_args__ = (Index("ix_attempts_key_at", "key", "at"),)

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    key: Mapped[str]
    at: Mapped[datetime]
