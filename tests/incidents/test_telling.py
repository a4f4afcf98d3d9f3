"""What endpoints hear of a move: in its transaction, and nothing that anybody described."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select

from gisgrid.database import session_scope
from gisgrid.notices.tables import Told
from gisgrid.settings import Settings
from tests.incidents.conftest import Hire
from tests.incidents.loop.office import DEPARTMENT, KIND, Office, case, move, moved, open_office
from tests.laid import COMMUNITY, STREET
from tests.notices.builders import an_endpoint

TOPICS = ("incident.dispatched", "incident.escalated", "incident.overdue", "emergency", "order")


@pytest.fixture
def office(hire: Hire) -> Office:
    return open_office(hire)


def told(engine: Engine) -> list[Any]:
    with session_scope(engine) as session:
        return list(session.scalars(select(Told).order_by(Told.id)))


def test_a_dispatch_and_what_goes_up_are_told_where_somebody_waits_for_it(
    ground: Engine, settings: Settings, office: Office
) -> None:
    an_endpoint(ground, settings, "http://127.0.0.1:9/hook", topics=TOPICS, cell_code=COMMUNITY)
    incident = office.walker.report(kind=KIND, description="楼上漏水")
    moved(office.desk, incident, "file", condition="1")
    moved(office.desk, incident, "dispatch", departments=[DEPARTMENT])
    assert move(office.desk, incident, "reject", words="不是")[0] == 409  # what fails tells nobody
    moved(office.desk, incident, "escalate", words="办不了")
    moved(office.community, incident, "escalate", words="还是办不了")  # the street's: above that endpoint's cell
    first, second = told(ground)
    number = case(office.street, incident)["number"]
    assert (first.topic, first.subject_zh, first.link) == (TOPICS[0], f"派遣:{number}", f"/incidents/{incident}")
    assert (second.topic, second.subject_en) == (TOPICS[1], f"escalate: {number}")
    assert all(words not in f"{first.words_zh}{second.words_zh}" for words in ("楼上", "办不了"))
    assert "期限" in first.words_zh


def test_of_what_is_confidential_not_even_the_kind_is_told(
    ground: Engine, settings: Settings, office: Office, hire: Hire
) -> None:
    an_endpoint(ground, settings, "http://127.0.0.1:9/hook", topics=TOPICS)
    handler = hire(("confidential_handler", STREET))
    incident = office.walker.report(kind="L1001")
    moved(handler, incident, "escalate", words="需要街道")
    (notice,) = told(ground)
    assert "保密" in notice.words_zh
    assert "家庭" not in notice.words_zh


def test_an_emergency_and_an_order_are_told(ground: Engine, settings: Settings, office: Office) -> None:
    an_endpoint(ground, settings, "http://127.0.0.1:9/hook", topics=TOPICS)
    incident = office.walker.report(kind=KIND)
    assert office.desk.ask("POST", f"/{incident}/emergency")[0] == 200
    order = {"words": "今天办结", "deadline_at": (datetime.now(UTC) + timedelta(days=1)).isoformat()}
    assert office.street.ask("POST", f"/{incident}/orders", json=order)[0] == 200
    first, second = told(ground)
    assert (first.topic, second.topic) == ("emergency", "order")
    assert second.subject_zh.startswith("督办〔")
    assert "今天" not in second.words_zh
