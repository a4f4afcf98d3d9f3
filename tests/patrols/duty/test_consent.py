"""The notice, and what is agreed to: kept with its version, withdrawn at any time, asked for anew when it changes."""

import pytest
from sqlalchemy import Engine
from starlette.testclient import TestClient

from gisgrid.audit.record import OPERATOR
from gisgrid.database import session_scope
from gisgrid.patrols.duty.consent import NoticeNeeded, agree, barred_from_tracks, require_notice
from gisgrid.patrols.duty.notice import notice
from gisgrid.patrols.people import patroller_of
from gisgrid.settings import Settings
from tests.patrols.asking import VERSION, somebody
from tests.staff.builders import audited
from tests.staff.callers import person

CONSENTS = "/api/me/consents"


def test_the_notice_says_what_the_settings_say() -> None:
    told, other = notice(Settings()), notice(Settings(fix_days=30))
    for text in (told.zh, told.en):
        assert [figure for figure in ("60", "365", "72", "16") if figure not in text] == []
        assert "{" not in text
    assert (told.version[:4], "30 天" in other.zh, "30 days" in other.en) == ("2026", True, True)
    assert told.version != other.version
    assert told == notice(Settings())


def test_anybody_may_read_the_notice(client: TestClient) -> None:
    answer = client.get("/api/notice", headers={"Authorization": ""}).json()
    assert answer["version"] == VERSION
    assert "告知书" in answer["zh"]


def test_consents_are_given_once_and_withdrawn(client: TestClient, engine: Engine) -> None:
    zhang = somebody(client, engine, "mediator", cell=None)
    assert zhang.get(CONSENTS) == []
    track = {"covers": "track", "version": VERSION}
    given = zhang.post(CONSENTS, track, 201)
    assert zhang.post(CONSENTS, track, 201) == given
    assert zhang.post(CONSENTS, {"covers": "track", "version": "old"}, 409)["code"] == "NoticeOutdated"
    assert zhang.post(CONSENTS, {"covers": "all", "version": VERSION}, 422)["code"] == "BadInput"
    withdrawn = zhang.ask("DELETE", f"{CONSENTS}/track")
    assert withdrawn["given_at"] == given["given_at"] < withdrawn["withdrawn_at"]
    assert zhang.ask("DELETE", f"{CONSENTS}/track", 404)["code"] == "NoConsent"
    assert zhang.ask("DELETE", f"{CONSENTS}/all", 422)["code"] == "BadInput"
    zhang.post(CONSENTS, track, 201)
    assert [each["withdrawn_at"] is None for each in zhang.get(CONSENTS)] == [True, False]
    told = [(each.action, each.subject, each.detail["covers"]) for each in audited(engine, "consent")]
    assert told == [(f"consent.{done}", zhang.id, "track") for done in ("given", "withdrawn", "given")]


def test_a_notice_that_is_withdrawn_must_be_accepted_again(client: TestClient, engine: Engine) -> None:
    zhang = somebody(client, engine, "patroller", cell=None)
    zhang.post("/api/shifts", {"notice_version": VERSION}, 201)
    zhang.ask("DELETE", f"{CONSENTS}/notice")
    zhang.post("/api/shifts/end", {})
    assert zhang.post("/api/shifts", {}, 409)["code"] == "NoticeNeeded"


def test_another_notice_asks_for_everything_anew(engine: Engine) -> None:
    with session_scope(engine, write=True) as session:
        who = person(session, ("mediator", None)).id
        row = patroller_of(session, who).id
        agree(session, OPERATOR, who, "notice", "1")
        agree(session, OPERATOR, who, "track", "1")
        require_notice(session, who, "1")
        assert barred_from_tracks(session, [row]) == set()
        with pytest.raises(NoticeNeeded, match="2"):
            require_notice(session, who, "2")
        agree(session, OPERATOR, who, "notice", "2")
        require_notice(session, who, "2")
        assert barred_from_tracks(session, [row]) == {row}


@pytest.mark.parametrize(
    ("roles", "is_barred"),
    [
        (["mediator"], True),
        (["volunteer_patroller", "sanitation_supervisor", "cadre"], True),
        (["mediator", "patroller"], False),
        (["patroller"], False),
        (["cadre"], False),
        ([], False),
    ],
)
def test_whoever_walks_as_a_volunteer_alone_is_asked_for_tracks(
    engine: Engine, roles: list[str], is_barred: bool
) -> None:
    with session_scope(engine, write=True) as session:
        row = patroller_of(session, person(session, *((role, None) for role in roles)).id).id
        assert barred_from_tracks(session, [row]) == ({row} if is_barred else set())
