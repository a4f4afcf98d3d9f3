"""A service in which there is something of everything, so that every page of it has something to show."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Engine

from gisgrid.database import make_engine, session_scope
from gisgrid.settings import Settings
from gisgrid.staff.roles import ROLES
from gisgrid.staff.tokens import issue
from gisgrid.tls.files import make as make_authority
from gisgrid.tls.names import read_names
from tests.incidents.emergencies.crew import alert
from tests.laid import COMMUNITY, SUBSTATION, lay
from tests.patrols.plans.worlds import store_two
from tests.service import running
from tests.staff.callers import key
from tests.test_crossing import OUT, make
from tests.tls.handshakes import HOST


@dataclass(frozen=True)
class Filled:
    """Where the service is, and what lets somebody in who may see everything, at a phone of ours."""

    url: str
    session: str
    device: str


@contextmanager
def serve_filled(home: Path, template: Path) -> Iterator[Filled]:
    """Serve a copy of an empty database with something of everything in it."""
    settings = Settings(home=home)
    (home / "data").mkdir()
    shutil.copyfile(template, home / "data" / "gisgrid.sqlite")
    make_authority(settings.tls_folder, read_names([HOST]), datetime.now(UTC))
    engine = make_engine(settings.database_url)
    session, device = _fill(engine, settings)
    engine.dispose()
    with running(home) as service:
        yield Filled(service.url, session, device)


def _fill(engine: Engine, settings: Settings) -> tuple[str, str]:
    lay(engine)
    with session_scope(engine, write=True) as session:
        everywhere = [(role, None) for role in ROLES]
        words = key(session, *everywhere, name="liling", full_name="李玲", kind="session", is_demonstration=True).words
        phone = issue(session, "device", cell_code=COMMUNITY, name="1 号机").words
    store_two(engine)
    alert(engine, settings)
    with session_scope(engine, write=True) as session:
        make(session, (SUBSTATION, OUT))
    return words, phone
