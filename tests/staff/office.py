"""A service whose people sign in by way of an office's own provider, with a browser to try it."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine

from gisgrid.database import session_scope
from gisgrid.settings import Settings
from gisgrid.staff.oidc import Redirect, begin, finish
from gisgrid.staff.people import person_of
from gisgrid.staff.sign_in import Entry
from tests.staff.provider import Provider, code_of

HERE = "10.1.2.3"


@dataclass
class Office:
    """A service and the provider that it sends people to."""

    engine: Engine
    settings: Settings
    provider: Provider

    def begin(self, page: str = "/") -> Redirect:
        return begin(self.engine, self.settings, page)

    def finish(self, way: Redirect, **changes: Any) -> tuple[Entry, str]:
        state, code = code_of(way.url)
        given = {"state": state, "code": code, "cookie": way.cookie, "address": HERE, **changes}
        return finish(self.engine, self.settings, **given)

    def come_in(self, **changes: Any) -> Entry:
        return self.finish(self.begin(), **changes)[0]

    def subject_of(self, person_id: int) -> str | None:
        with session_scope(self.engine) as session:
            return person_of(session, person_id).oidc_subject
