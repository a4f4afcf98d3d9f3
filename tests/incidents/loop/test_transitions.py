"""The loop as those walk it whose work it is, each with their own token."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, delete, select, update
from sqlalchemy.exc import DBAPIError

from gisgrid.audit.tables import AuditEntry
from gisgrid.database import session_scope
from gisgrid.incidents.tables import Step
from gisgrid.once import table_of
from tests.attachments.pictures import jpeg
from tests.incidents.conftest import Hire
from tests.incidents.loop.office import DEPARTMENT, KIND, Office, case, move, moved, on_site, open_office, show
from tests.laid import COMMUNITY, ELSEWHERE, STREET, SUBSTATION

PHOTO = jpeg()
DOWN = {"words": "已处理"}


@pytest.fixture
def office(hire: Hire) -> Office:
    return open_office(hire)


@pytest.fixture
def incident(office: Office) -> int:
    return office.walker.report(kind=KIND)


def filed(office: Office, incident: int) -> None:
    moved(office.desk, incident, "file", condition="1")


def handled(office: Office, incident: int) -> None:
    filed(office, incident)
    moved(office.desk, incident, "dispatch", departments=[DEPARTMENT])
    moved(office.department, incident, "accept")
    show(office.department, incident, PHOTO)
    moved(office.department, incident, "finish", words="已劝离")


def test_the_loop_from_the_report_to_the_evaluation(office: Office, incident: int) -> None:
    handled(office, incident)
    moved(office.checker, incident, "pass", words="现场已恢复", **on_site())
    told = moved(office.supervision, incident, "evaluate", score=5)
    assert [step["move"] for step in told["steps"]] == [
        *("report", "file", "dispatch", "accept", "finish", "pass", "evaluate"),
    ]
    assert [step["by"] for step in told["steps"]] == ["巡查员甲", "分站", "分站", "城管", "城管", "巡查员乙", "督查"]
    assert told["state"] == "evaluated"
    assert told["revision"] == 7
    assert told["clock"]["state"] == "stopped"
    assert told["departments"] == [DEPARTMENT]


def test_a_case_tells_each_what_they_could_do(office: Office, incident: int) -> None:
    def open_to(staff: Any) -> set[str]:
        return {each["move"] for each in case(staff, incident)["moves"]}

    assert open_to(office.desk) == {"verify", "file", "reject", "settle", "merge", "escalate", "hand_over"}
    assert open_to(office.walker) == {"settle"}  # nobody verifies what they reported
    assert open_to(office.checker) == {"verify", "settle"}
    assert open_to(office.supervision) == set()
    assert open_to(office.department) == set()  # not theirs yet
    filed(office, incident)
    moved(office.desk, incident, "dispatch", departments=[DEPARTMENT])
    assert open_to(office.department) == {"accept", "send_back", "transfer", "escalate"}


@pytest.mark.parametrize("who", ["walker", "checker", "department", "supervision"])
def test_filing_is_for_the_desk_of_the_cell_or_above(office: Office, incident: int, who: str) -> None:
    status, answer = move(getattr(office, who), incident, "file", condition="1")
    assert (status, answer["code"]) == (403, "NotYourMove")
    assert office.stranger.ask("GET", f"/{incident}/case")[0] == 404
    assert moved(office.community, incident, "file", condition="1")["state"] == "filed"


def test_what_the_state_does_not_allow_is_a_conflict(office: Office, incident: int) -> None:
    status, answer = move(office.desk, incident, "dispatch", departments=[DEPARTMENT])
    assert (status, answer["code"]) == (409, "IllegalMove")


@pytest.mark.parametrize(
    ("name", "given", "said"),
    [
        ("file", {}, "立案条件"),
        ("file", {"condition": "99"}, "应为其一:1 超出门店经营"),
        ("settle", {"words": "扫了"}, "没有收到"),
        ("settle", {"words": "扫了", **dict(zip(("longitude", "latitude"), ELSEWHERE, strict=True))}, "不够近"),
        ("reject", {"words": "  "}, "原因"),
        ("merge", {}, "并入"),
        ("hand_over", {"cell": STREET, "words": "不在本格"}, "相邻"),
        ("escalate", {}, "原因"),
    ],
)
def test_a_move_without_what_it_needs_is_told_so(
    office: Office, incident: int, name: str, given: dict[str, Any], said: str
) -> None:
    status, answer = move(office.desk, incident, name, **given)
    assert (status, answer["code"]) == (422, "Incomplete")
    assert said in answer["description"]
    assert case(office.desk, incident)["revision"] == 1


def test_closing_takes_the_evidence_that_the_kind_demands(office: Office, incident: int) -> None:
    filed(office, incident)
    moved(office.desk, incident, "dispatch", departments=[DEPARTMENT])
    moved(office.department, incident, "accept")
    moved(office.department, incident, "finish", words="已劝离")
    far = dict(zip(("longitude", "latitude"), ELSEWHERE, strict=True))
    status, answer = move(office.checker, incident, "pass", **far)
    assert status == 422
    assert "照片" in answer["description"]
    assert "现场" in answer["description"]
    assert show(office.checker, incident, PHOTO)[0] == 200
    assert moved(office.checker, incident, "pass", **on_site())["state"] == "closed"


def redone(office: Office, incident: int) -> None:
    """Reopen what is closed, and do it again without a photo."""
    moved(office.supervision, incident, "reopen", words="又出现")
    filed(office, incident)
    moved(office.desk, incident, "dispatch", departments=[DEPARTMENT])
    moved(office.department, incident, "accept")
    moved(office.department, incident, "finish", words="又劝离")


def failed(office: Office, incident: int) -> None:
    """Let the check of what is handled fail, and finish it again without a photo."""
    moved(office.checker, incident, "fail", words="还在")
    moved(office.department, incident, "finish", words="又劝离")


def missing(office: Office, incident: int, name: str) -> list[str]:
    """Return what the case says is missing for a move of the checker."""
    (found,) = [each["missing"] for each in case(office.checker, incident)["moves"] if each["move"] == name]
    assert isinstance(found, list)
    return found


@pytest.mark.parametrize("begins", [redone, failed])
def test_a_new_round_takes_a_new_photo(office: Office, incident: int, begins: Callable[[Office, int], None]) -> None:
    handled(office, incident)
    assert "photo" not in missing(office, incident, "pass")
    if begins is redone:
        moved(office.checker, incident, "pass", **on_site())
    begins(office, incident)
    assert "photo" in missing(office, incident, "pass")
    status, answer = move(office.checker, incident, "pass", **on_site())
    assert (status, answer["code"]) == (422, "Incomplete")
    assert "新照片" in answer["description"]
    assert show(office.department, incident, PHOTO)[1]["code"] == "ShownBefore"
    assert show(office.department, incident, jpeg(65))[0] == 200
    assert show(office.department, incident, jpeg(65))[0] == 200  # the same one sent again
    assert moved(office.checker, incident, "pass", **on_site())["state"] == "closed"


def test_nobody_checks_their_own_work(office: Office, hire: Hire, incident: int) -> None:
    filed(office, incident)
    moved(office.desk, incident, "dispatch", person=office.desk.name)
    moved(office.desk, incident, "accept")
    show(office.desk, incident, PHOTO)
    moved(office.desk, incident, "finish", words="自办")
    for name in ("pass", "fail"):
        status, answer = move(office.desk, incident, name, words="好", **on_site())
        assert (status, answer["code"]) == (403, "NotYourMove")
    assert moved(office.checker, incident, "fail", words="没有做完")["state"] == "handling"


def test_a_public_report_is_verified_before_it_is_filed(office: Office) -> None:
    told = office.desk.report(kind=KIND, source="phone", contact="0755-0000")
    status, answer = move(office.desk, told, "file", condition="1")
    assert status == 422
    assert "核实" in answer["description"]
    moved(office.checker, told, "verify", words="属实")
    assert moved(office.desk, told, "file", condition="1")["state"] == "filed"
    assert case(office.desk, told)["contact"] == "0755-0000"
    assert case(office.checker, told)["contact"] is None


def test_of_two_at_once_one_wins_and_the_other_is_told(office: Office, incident: int) -> None:
    def go(who: Any, name: str, **given: Any) -> tuple[int, Any]:
        return move(who, incident, name, revision=1, **given)

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(go, office.desk, "file", condition="1")
        second = pool.submit(go, office.community, "reject", words="不属实")
        answers = sorted((first.result(), second.result()), key=lambda pair: pair[0])
    assert [status for status, _ in answers] == [200, 409]
    assert answers[1][1]["code"] == "MovedMeanwhile"
    assert any(name in answers[1][1]["description"] for name in ("分站", "社区"))
    assert case(office.desk, incident)["revision"] == 2


def test_what_goes_up_is_answered_for_by_the_level_above(office: Office, incident: int) -> None:
    told = moved(office.desk, incident, "escalate", words="分站办不了")
    assert (told["answering_code"], told["level"], told["state"]) == (COMMUNITY, "community", "reported")
    assert told["steps"][-1]["detail"] == {"from_cell": SUBSTATION}
    assert move(office.desk, incident, "file", condition="1")[0] == 403
    assert moved(office.community, incident, "escalate", words="社区也办不了")["answering_code"] == STREET
    status, answer = move(office.street, incident, "escalate", words="再上")
    assert status == 422
    assert "街道" in answer["description"]
    assert moved(office.street, incident, "file", condition="1")["state"] == "filed"


def test_a_neighbour_takes_over_and_both_sides_are_on_record(office: Office, hire: Hire, incident: int) -> None:
    beside = case(office.desk, incident)["neighbours"]
    assert beside
    assert SUBSTATION not in beside
    neighbour = hire(("station_staff", beside[0]), name="邻站")
    assert neighbour.ask("GET", f"/{incident}/case")[0] == 404
    told = moved(office.desk, incident, "hand_over", cell=beside[0], words="在界线那边")
    assert told["answering_code"] == beside[0]
    assert told["steps"][-1]["detail"] == {"cell": beside[0], "from_cell": SUBSTATION}
    assert moved(neighbour, incident, "file", condition="1")["state"] == "filed"


def test_departments_act_together_with_one_in_the_lead(office: Office, hire: Hire, incident: int) -> None:
    other = hire(("department_staff", STREET), name="消防", department="fire")
    filed(office, incident)
    told = moved(office.desk, incident, "dispatch", departments=["fire", DEPARTMENT])
    assert told["departments"] == ["fire", DEPARTMENT]
    assert moved(office.department, incident, "accept")["state"] == "handling"
    told = moved(other, incident, "transfer", departments=[DEPARTMENT], words="与我部门无关")
    assert told["departments"] == [DEPARTMENT]
    assert move(other, incident, "accept")[0] == 403
    assert move(office.desk, incident, "transfer", departments=["nobody"], words="x")[0] == 422


def test_whom_it_is_dispatched_to_sees_it_and_handles_it(office: Office, hire: Hire, incident: int) -> None:
    mediator = hire(("mediator", "440307009003"), name="调解员")
    assert mediator.ask("GET", f"/{incident}/case")[0] == 404
    filed(office, incident)
    moved(office.desk, incident, "dispatch", person="调解员")
    moved(mediator, incident, "accept")
    assert moved(mediator, incident, "finish", words="调解成功")["handler"] == "调解员"
    assert move(office.desk, incident, "transfer", person="没有这人", words="x")[0] in (409, 422)


def test_a_suspension_is_once_and_stops_the_clock(office: Office, incident: int) -> None:
    filed(office, incident)
    moved(office.desk, incident, "dispatch", departments=[DEPARTMENT])
    moved(office.department, incident, "accept")
    until = (datetime.now(UTC).date() + timedelta(days=30)).isoformat()
    far = (datetime.now(UTC).date() + timedelta(days=500)).isoformat()
    assert move(office.desk, incident, "suspend", until=far, words="等批复")[0] == 422
    told = moved(office.desk, incident, "suspend", until=until, words="等批复")
    assert (told["clock"]["state"], told["clock"]["due_at"]) == ("paused", None)
    told = moved(office.department, incident, "resume")
    assert told["clock"]["due_at"] is not None
    assert "挂" in move(office.desk, incident, "suspend", until=until, words="再等")[1]["description"]
    told = moved(office.desk, incident, "extend", words="缺料")
    assert told["clock"]["extensions"] == 1


def test_merging_names_another_incident_that_one_may_see(office: Office, incident: int) -> None:
    other = office.walker.report(kind=KIND, client_id="again")
    assert move(office.desk, incident, "merge", into=incident)[0] == 422
    assert move(office.desk, incident, "merge", into=99999)[0] == 404
    told = moved(office.desk, incident, "merge", into=other)
    assert (told["state"], told["merged_into"]) == ("merged", other)
    assert moved(office.supervision, incident, "reopen", words="并非同一件")["merged_into"] is None


def test_the_row_is_as_the_steps_say(office: Office, incident: int) -> None:
    handled(office, incident)
    status, answer = office.desk.ask("GET", f"/{incident}")
    assert status == 200
    told = answer["properties"]
    assert (told["state"], told["due_at"]) == ("handled", None)
    assert told["number"].endswith(f"-{SUBSTATION}-0001")


def test_steps_are_added_and_never_changed(ground: Engine, office: Office, incident: int) -> None:
    step = table_of(Step)
    for statement in (update(step).values(words="别的"), delete(step)):
        with pytest.raises(DBAPIError, match="append-only"), session_scope(ground, write=True) as session:
            session.execute(statement)


def test_every_move_is_recorded(ground: Engine, office: Office, incident: int) -> None:
    filed(office, incident)
    with session_scope(ground) as session:
        asked = select(AuditEntry).where(AuditEntry.action == "incident.moved")
        (entry,) = session.scalars(asked).all()
    assert (entry.actor_id, entry.subject_id, json.loads(entry.detail)) == (office.desk.id, incident, {"move": "file"})


def test_numbers_count_without_gaps_in_their_cell(office: Office) -> None:
    reports = [office.walker.report(client_id=f"n{n}") for n in range(3)]
    numbers = [case(office.desk, each)["number"] for each in reports]
    assert numbers == [f"20261101-{SUBSTATION}-{number:04d}" for number in (1, 2, 3)]


def test_one_client_id_of_two_senders_is_two_incidents(office: Office) -> None:
    first = office.walker.report(client_id="same", description="甲")
    second = office.checker.report(client_id="same", description="乙")
    assert first != second
    assert office.walker.report(client_id="same", description="甲") == first
