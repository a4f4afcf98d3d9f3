"""Create the tables of the staff, with the names of roles and departments that an office may change."""

import csv
from importlib.resources import files
from typing import Any

import sqlalchemy as sa
from alembic import op

from gisgrid.database import RowId, UtcDateTime

revision = "2026_11_25_0200"
down_revision = "2026_11_25_0100"
branch_labels = None
depends_on = None

TABLES = ("people", "skills", "role_names", "departments", "appointments", "tokens", "attempts")


def upgrade() -> None:
    _people()
    _tokens()
    for table in ("role_names", "departments"):
        op.bulk_insert(sa.table(table, sa.column("code"), sa.column("zh"), sa.column("en")), _seed(table))


def _seed(table: str) -> list[dict[str, str]]:
    name = {"role_names": "roles.csv", "departments": "departments.csv"}[table]
    text = files("gisgrid.staff").joinpath(name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def _id() -> sa.Column:
    return sa.Column("id", RowId, primary_key=True)


def _person(*, nullable: bool = False, **options: Any) -> sa.Column:
    return sa.Column("person_id", RowId, sa.ForeignKey("people.id"), nullable=nullable, **options)


def _people() -> None:
    op.create_table(
        "people",
        _id(),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("name_key", sa.String, nullable=False, unique=True),
        sa.Column("full_name", sa.String, nullable=False),
        sa.Column("password_hash", sa.String),
        sa.Column("password_set_at", UtcDateTime),
        sa.Column("pin_hash", sa.String),
        sa.Column("oidc_subject", sa.String, unique=True),
        sa.Column("is_active", sa.Boolean, nullable=False),
        sa.Column("is_demonstration", sa.Boolean, nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("erased_at", UtcDateTime),
    )
    op.create_table("skills", _person(primary_key=True), sa.Column("tag", sa.String, primary_key=True))
    names = ("zh", "en")
    op.create_table(
        "role_names",
        sa.Column("code", sa.String, primary_key=True),
        *(sa.Column(name, sa.String, nullable=False) for name in names),
    )
    op.create_table(
        "departments",
        _id(),
        sa.Column("code", sa.String, nullable=False, unique=True),
        *(sa.Column(name, sa.String, nullable=False) for name in names),
    )
    op.create_table(
        "appointments",
        _id(),
        _person(index=True),
        sa.Column("role", sa.String, sa.ForeignKey("role_names.code"), nullable=False),
        sa.Column("cell_code", sa.String),
        sa.Column("department_id", RowId, sa.ForeignKey("departments.id")),
        sa.Column("granted_at", UtcDateTime, nullable=False),
        sa.UniqueConstraint("person_id", "role", "cell_code", "department_id"),
    )


def _tokens() -> None:
    op.create_table(
        "tokens",
        _id(),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("hash", sa.String, nullable=False, unique=True),
        _person(nullable=True),
        sa.Column("cell_code", sa.String),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("form_token", sa.String, nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("expires_at", UtcDateTime, nullable=False),
        sa.Column("last_used_at", UtcDateTime),
        sa.Column("revoked_at", UtcDateTime),
        sa.Index("ix_tokens_person_id_kind", "person_id", "kind"),
    )
    op.create_table(
        "attempts",
        _id(),
        sa.Column("key", sa.String, nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.Index("ix_attempts_key_at", "key", "at"),
    )


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
