"""PostgreSQL's two accounts: the owner makes the tables, the service works in them behind row-level security.

An embedded database has no accounts, and nothing here touches it.
"""

from sqlalchemy import Connection, Engine, text
from sqlalchemy.engine import make_url

from gisgrid.database import Base
from gisgrid.errors import Forbidden, Unavailable

APPEND_ONLY = "audit_entries"

POWERS = text("""
    SELECT rolname, rolsuper OR rolbypassrls, pg_has_role(current_user, relowner, 'USAGE')
    FROM pg_roles, pg_class WHERE rolname = current_user AND pg_class.oid = to_regclass('fixes')
""")


class TooPowerful(Forbidden):
    """The service's account on PostgreSQL is one that row-level security does not hold."""


class OwnerNeeded(Forbidden):
    """What is to be done takes the account that owns the tables."""


class NoServiceRole(Unavailable):
    """The service's account does not exist on the server."""


def let_service_in(owner: Engine, service_url: str) -> None:
    """Let the account of the service's address work in the owner's tables, if the two are not one.

    Raises NoServiceRole.
    """
    name = make_url(service_url).username
    if owner.dialect.name != "postgresql" or name in (None, owner.url.username):
        return
    with owner.begin() as connection:
        if not connection.scalar(text("SELECT count(*) FROM pg_roles WHERE rolname = :name"), {"name": name}):
            raise NoServiceRole(
                f"PostgreSQL 上没有服务账号 {name};请管理员执行 CREATE ROLE {name} LOGIN PASSWORD '…'",
                f"PostgreSQL has no account {name} for the service: CREATE ROLE {name} LOGIN PASSWORD '…'",
            )
        _grant(connection, str(name))


def _grant(connection: Connection, name: str) -> None:
    quote = connection.dialect.identifier_preparer.quote
    tables = [quote(table) for table in Base.metadata.tables]
    for statement in (
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON {', '.join(tables)} TO {quote(name)}",
        f"GRANT SELECT ON alembic_version TO {quote(name)}",
        f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {quote(name)}",
        f"REVOKE UPDATE ON {APPEND_ONLY} FROM {quote(name)}",
    ):
        connection.execute(text(statement))


def require_limited(engine: Engine) -> None:
    """Check that row-level security holds the service's account. Raises TooPowerful."""
    if engine.dialect.name != "postgresql":
        return
    with engine.connect() as connection:
        name, is_above, is_owner = connection.execute(POWERS).one()
    if is_above or is_owner:
        raise TooPowerful(
            f"数据库账号 {name} 是超级用户、表的所有者或可绕过行级安全,服务不能用它;"
            "请另建普通账号写入 GISGRID_DATABASE_URL,把所有者账号写入 GISGRID_OWNER_DATABASE_URL,再运行 gisgrid init",
            f"the database account {name} is a superuser, owns the tables or bypasses row-level security, so the "
            "service will not use it: name a plain account in GISGRID_DATABASE_URL and the owner in "
            "GISGRID_OWNER_DATABASE_URL, then run: gisgrid init",
        )


def require_owner(engine: Engine) -> None:
    """Check that this is the account of the owner, who sees every row, if there are tables. Raises OwnerNeeded."""
    if engine.dialect.name != "postgresql":
        return
    with engine.connect() as connection:
        powers = connection.execute(POWERS).first()
    if powers is not None and not any(powers[1:]):
        raise OwnerNeeded(
            f"数据库账号 {powers[0]} 看不到全部数据;请把表的所有者账号写入 GISGRID_OWNER_DATABASE_URL 再运行",
            f"the database account {powers[0]} does not see every row: name the owner of the tables in "
            "GISGRID_OWNER_DATABASE_URL and run it again",
        )
