"""The service keeps what its OpenAPI document says: fuzzed from it, no operation fails or answers what it does not say.

All checks of schemathesis are on. Data that the document allows may be understood and refused in words (422): it cannot
say which codes, days or people there are.
"""

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as dose
from schemathesis.config import PositiveDataAcceptanceConfig
from sqlalchemy import Engine
from starlette.types import Receive, Scope, Send

from gisgrid.app import create_app
from gisgrid.database import session_scope
from gisgrid.settings import Settings
from gisgrid.staff.roles import ROLES
from gisgrid.staff.tokens import issue
from tests.laid import lay
from tests.staff.callers import person

ANSWERS = ["2xx", "3xx", "4xx", "503"]
HERE = ("127.0.0.1", 50000)
PATIENCE_S = 120.0
"""A map of a month is drawn while one waits."""


class Nearby:
    """The application, asked from this machine."""

    def __init__(self, settings: Settings) -> None:
        self.app = create_app(settings)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.app({**scope, "client": HERE} if scope["type"] == "http" else scope, receive, send)


def operations(settings: Settings) -> Iterator[Any]:
    """Return what the document describes, to be fuzzed, but for streams, which have no end."""
    described = schemathesis.openapi.from_asgi("/openapi.json", Nearby(settings))
    described.config.checks.positive_data_acceptance = PositiveDataAcceptanceConfig(expected_statuses=ANSWERS)
    found = (each.ok() for each in described.get_all_operations())
    return (each for each in found if "text/event-stream" not in str(each.definition.raw["responses"]))


def key_of_everybody(engine: Engine) -> dict[str, str]:
    """Return the headers of somebody new who may do everything: whoever came before may have signed out for good."""
    with session_scope(engine, write=True) as session:
        somebody = person(session, *((role, None) for role in ROLES))
        words = issue(session, "api", person_id=somebody.id).words
    return {"Authorization": f"Bearer {words}"}


def fuzz(installation: Settings, engine: Engine, examples: int) -> None:
    """Ask every operation with so many examples."""
    lay(engine)
    described = list(operations(installation))
    assert len(described) > 60
    for operation in described:
        ask(operation, key_of_everybody(engine), examples)


def ask(operation: Any, headers: dict[str, str], examples: int) -> None:
    """Ask one operation, and have each answer checked."""

    @dose(max_examples=examples, suppress_health_check=list(HealthCheck), phases=[Phase.explicit, Phase.generate])
    @given(case=operation.as_strategy())
    def answered(case: Any) -> None:
        case.call_and_validate(headers=headers, base_url="http://127.0.0.1", timeout=PATIENCE_S)

    answered()


@pytest.mark.parametrize("database_url", ["spatialite"], indirect=True)
def test_every_operation_answers_as_described(settings: Settings, engine: Engine) -> None:
    fuzz(settings, engine, 4)


@pytest.mark.long
def test_every_operation_answers_as_described_a_thousand_times(settings: Settings, engine: Engine) -> None:
    fuzz(settings, engine, 1000)
