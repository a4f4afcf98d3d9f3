"""The first start of all, by one service or several over one database."""

from sqlalchemy import Engine, select

from gisgrid.database import session_scope
from gisgrid.staff.opening import FIRST_NAME, opening_link
from gisgrid.staff.tables import Person
from tests.staff.builders import at_once


def test_of_services_that_start_together_one_makes_the_administrator(engine: Engine) -> None:
    links = at_once(lambda _: opening_link(engine), 4)
    assert all(hasattr(link, "words") for link in links), links
    with session_scope(engine) as session:
        assert session.scalars(select(Person.name)).all() == [FIRST_NAME]
