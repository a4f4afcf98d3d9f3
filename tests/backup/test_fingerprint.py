import pytest
from sqlalchemy import Engine, text

from gisgrid.backup.fingerprint import TablePrint, fingerprint, is_empty, own_tables
from gisgrid.database import Base, session_scope
from tests.rows import fill


def prints(engine: Engine) -> dict[str, TablePrint]:
    with engine.connect() as connection:
        return fingerprint(connection)


def test_every_table_of_ours_is_in_it_and_none_of_the_database(engine: Engine) -> None:
    with engine.connect() as connection:
        assert own_tables(connection) == sorted([*Base.metadata.tables, "alembic_version"])


def test_the_same_rows_give_the_same_print(engine: Engine) -> None:
    with session_scope(engine, write=True) as session:
        fill(session)
    assert prints(engine) == prints(engine)
    assert prints(engine)["fixes"].rows == 3


def test_a_database_without_rows_is_empty(engine: Engine) -> None:
    assert is_empty(prints(engine))
    with session_scope(engine, write=True) as session:
        fill(session)
    assert not is_empty(prints(engine))


@pytest.mark.parametrize(
    ("table", "change"),
    [
        ("fixes", "UPDATE fixes SET longitude = longitude + 1e-13 WHERE id = 2"),
        ("fixes", "UPDATE fixes SET accuracy_m = NULL WHERE id = 3"),
        ("fixes", "UPDATE fixes SET fix_at = '2026-11-01 06:00:01.123457+00' WHERE id = 2"),
        ("fixes", "DELETE FROM fixes WHERE id = 3"),
        ("incidents", "UPDATE incidents SET description = ' '"),
        ("checkpoints", "UPDATE checkpoints SET geometry = ST_GeomFromText('POINT(114.5 22.5000001)', 4326)"),
        ("cells", "UPDATE cells SET name = 'x' WHERE level = 'street'"),
        ("alembic_version", "UPDATE alembic_version SET version_num = 'x'"),
    ],
)
def test_the_smallest_change_shows_in_its_table_alone(engine: Engine, table: str, change: str) -> None:
    with session_scope(engine, write=True) as session:
        fill(session)
    before = prints(engine)
    with engine.begin() as connection:
        connection.execute(text(change.replace("+00'", "'" if engine.dialect.name == "sqlite" else "+00'")))
    after = prints(engine)
    counted = {"changed_hours"}  # the database counts changes of what figures are made of
    assert {name for name in before if before[name] != after[name]} - counted == {table}
