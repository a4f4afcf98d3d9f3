"""Follow-up visits: by whom, of what, and who sees them."""

import re
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine

from gisgrid.database import session_scope
from gisgrid.incidents.visits.follow_up import visits_shown
from gisgrid.pages.frame import ENGINE
from gisgrid.pages.language import speaking
from gisgrid.staff.caller import Caller
from gisgrid.staff.scope import Role
from tests.incidents.conftest import Hire
from tests.incidents.desk import Staff
from tests.incidents.loop.office import DEPARTMENT, KIND, Office, moved, on_site, open_office, show
from tests.incidents.loop.test_transitions import PHOTO
from tests.laid import SUBSTATION
from tests.staff.builders import audited

HEARD = {"way": "phone", "satisfaction": 4, "words": "清理得快"}
spatialite = pytest.mark.parametrize("database_url", ["spatialite"], indirect=True)


@pytest.fixture
def office(hire: Hire) -> Office:
    return open_office(hire)


def follow_up(staff: Staff, incident: int, **changes: Any) -> tuple[int, Any]:
    return staff.ask("POST", f"/{incident}/follow-ups", json={**HEARD, **changes})


def closed(office: Office, **dispatch: Any) -> int:
    """Let an incident pass the loop; return its number."""
    incident = office.walker.report(kind=KIND)
    worker = office.desk if "person" in dispatch else office.department
    moved(office.desk, incident, "file", condition="1")
    moved(office.desk, incident, "dispatch", **(dispatch or {"departments": [DEPARTMENT]}))
    moved(worker, incident, "accept")
    show(worker, incident, PHOTO)
    moved(worker, incident, "finish", words="已清理")
    moved(office.checker, incident, "pass", **on_site())
    return incident


def test_by_the_desk_or_supervision_once_it_is_done(office: Office, engine: Engine) -> None:
    incident = closed(office)
    assert office.walker.ask("GET", f"/{incident}/follow-ups") == (200, [])
    status, answer = follow_up(office.desk, incident)
    assert (status, [each["by"] for each in answer]) == (200, ["分站"])
    status, answer = follow_up(office.supervision, incident, way="on_site", satisfaction=None, words="")
    assert [(each["way"], each["satisfaction"], each["words"]) for each in answer] == [
        ("phone", 4, "清理得快"),
        ("on_site", None, ""),
    ]
    assert office.walker.ask("GET", f"/{incident}/follow-ups")[1] == answer
    assert office.stranger.ask("GET", f"/{incident}/follow-ups")[0] == 404
    assert len(audited(engine, "incident.followed_up")) == 2


@spatialite
def test_not_before_it_is_done(office: Office) -> None:
    incident = office.walker.report(kind=KIND)
    assert follow_up(office.desk, incident)[1]["code"] == "NotDone"


@spatialite
def test_never_by_whoever_handled_it(office: Office) -> None:
    incident = closed(office, person=office.desk.name)
    assert follow_up(office.desk, incident)[1]["code"] == "NotYourVisit"
    assert follow_up(office.community, incident)[0] == 200


@spatialite
def test_not_by_others_and_not_what_cannot_be(office: Office) -> None:
    incident = closed(office)
    for who, status in (("walker", 403), ("checker", 403), ("department", 403), ("stranger", 404)):
        assert follow_up(getattr(office, who), incident)[0] == status, who
    for changes in ({"way": "dream"}, {"satisfaction": 0}, {"satisfaction": 6}, {"words": "a\x00"}):
        assert follow_up(office.desk, incident, **changes)[0] == 422, changes


@spatialite
def test_the_macro_for_the_page_of_a_case(office: Office, engine: Engine) -> None:
    incident = closed(office)
    follow_up(office.desk, incident, words="<b>!</b>")
    caller = Caller("person", person=office.desk.id, roles=(Role("station_staff", SUBSTATION),), form_token="t")
    with session_scope(engine) as session:
        shown = visits_shown(session, caller, incident)
    assert shown["may_add"]
    page = ENGINE.from_string(
        '{% import "parts.html" as parts with context %}'
        '{% from "incidents/follow_ups.html" import follow_ups with context %}'
        '{{ follow_ups(shown, "/x") }}'
    )
    values: dict[str, Any] = {"zone": ZoneInfo("Asia/Shanghai"), "account": {"caller": caller}, "here": ""}
    for language, foreign in (("zh-CN", "[A-Za-z]{3,}"), ("en", "[一-鿿]")):
        text = page.render(shown=shown, say=speaking(language), **values)
        assert "&lt;b&gt;!" in text
        plain = re.sub("<[^>]*>|分站|&lt;", "", text)
        assert re.findall(foreign, plain) == []
