from collections.abc import Callable

import pytest
from sqlalchemy import Engine
from starlette.testclient import TestClient

from gisgrid.database import session_scope
from gisgrid.staff.tokens import issue
from tests.incidents.desk import Staff
from tests.laid import lay
from tests.staff.callers import person

Hire = Callable[..., Staff]


@pytest.fixture
def ground(engine: Engine) -> Engine:
    """The test's database with a grid."""
    lay(engine)
    return engine


@pytest.fixture
def api(ground: Engine, client: TestClient) -> TestClient:
    """The app over a grid, asked by somebody who may do everything everywhere."""
    return client


@pytest.fixture
def hire(engine: Engine, api: TestClient) -> Hire:
    """Return what adds somebody who has roles, each in the cell of a code, and asks the app."""

    def hired(*roles: tuple[str, str | None], name: str = "", department: str | None = None) -> Staff:
        with session_scope(engine, write=True) as session:
            made = person(session, *roles, name=name, department=department)
            return Staff(api, made.id, made.name, issue(session, "api", person_id=made.id).words)

    return hired
