"""The stories as a demonstration tells them, on the sample's ground."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from gisgrid.audit.record import OPERATOR, Actor
from gisgrid.database import session_scope
from gisgrid.incidents.report import Report, report
from gisgrid.incidents.tables import Handler, Incident, Step
from gisgrid.incidents.visits.tables import FollowUp
from gisgrid.sample.load import load_sample
from gisgrid.sample.people import add_people
from gisgrid.sample.stories.rescue import Moment, Room, rescue
from gisgrid.sample.stories.stage import Stage
from gisgrid.settings import Settings
from gisgrid.staff.people import add_person
from gisgrid.staff.tables import Appointment
from tests.service import Done, gisgrid

spatialite = pytest.mark.parametrize("database_url", ["spatialite"], indirect=True)
CALLED = select(Appointment.person_id).where(Appointment.role.in_(("street_leader", "department_staff")))


@pytest.fixture
def sample(engine: Engine, settings: Settings) -> Engine:
    with session_scope(engine, write=True) as session:
        load_sample(session, settings.metric_crs)
        add_people(session)
    return engine


def told(story: str, tmp_path: Path, database_url: str) -> Done:
    return gisgrid("simulate", "--story", story, home=tmp_path, GISGRID_DATABASE_URL=database_url)


def test_the_dispute(sample: Engine, tmp_path: Path, database_url: str) -> None:
    ran = told("dispute", tmp_path, database_url)
    assert ran.returncode == 0, ran.stderr
    said = [
        "上报 2",
        "立案",
        "派遣",
        "受理",
        "附上调解协议书",
        "处置完成",
        "核查通过",
        "综合评价",
        "电话回访:满意度 5/5",
    ]
    lines = ran.stdout.splitlines()
    assert [words for words, line in zip(said, lines, strict=True) if words not in line] == []
    assert "演示-调解员  处置完成" in ran.stdout
    with session_scope(sample) as session:
        assert session.scalars(select(Incident.state)).all() == ["evaluated"]
        assert session.scalars(select(FollowUp.satisfaction)).all() == [5]
        assert None not in session.scalars(select(Step.made_by)).all()


def test_the_operation(sample: Engine, tmp_path: Path, database_url: str) -> None:
    ran = told("operation", tmp_path, database_url)
    assert ran.returncode == 0, ran.stderr
    out = ran.stdout
    before, _, after = out.partition("重新办理:回访发现并未办结")
    for figure in (
        "破获治安案件 31 /",
        "化解矛盾纠纷 16 /",
        "办结信访 13 /",
        "(n = 500),比上月 +5.2 个百分点",
        "即办 1 /",
    ):
        assert figure in before, (figure, out)
    for figure in ("破获治安案件 30 /", "化解矛盾纠纷 16 /", "办结信访 13 /", "由 31 变为 30"):
        assert figure in after, (figure, out)
    assert "源头发现率 100.00% (2/2)" in before
    assert "结案率 100.00% (47/47)" in before
    assert "结案率 97.87% (46/47)" in after


@spatialite
def test_the_rescue_by_a_room_that_is_handed_in(sample: Engine, settings: Settings) -> None:
    """The story says who does what; alerts and receipts are the room's."""
    lines: list[str] = []
    done: list[tuple[str, str]] = []

    def start(session: Session, settings: Settings, sent: Report, actor: Actor) -> tuple[int, int]:
        (outcome,) = report(session, [sent], settings.zone, actor)
        assert outcome.row is not None
        named = {"person_id": actor.id, "named_by": actor.id, "named_at": sent.reported_at, "reason": ""}
        session.add(Handler(incident_id=outcome.row["id"], **named))
        return outcome.row["id"], 7

    room = Room(
        start,
        lambda session, _: session.scalars(CALLED).all(),
        lambda _, caller, __: done.append((caller.name, "got it")),
        lambda _, caller, __, words: done.append((caller.name, words)),
        lambda _, caller, __, words: done.append((caller.name, words)),
        lambda *_: [Moment(datetime(2026, 11, 1, tzinfo=UTC), "通知", "alerted", "演示-分站")],
    )
    assert rescue(Stage(sample, settings, lines.append), room) == 7
    assert {"演示-街道领导", "演示-消防", "演示-派出所"} <= {who for who, words in done if words == "got it"}
    assert done[-1] == ("演示-街道领导", "当事人获救,无人受伤")
    assert lines[-1] == "    08:00:00 演示-分站 通知 / alerted"
    with session_scope(sample) as session:
        assert session.scalars(select(Incident.state)).all() == ["settled"]


def test_the_rescue(sample: Engine, tmp_path: Path, database_url: str) -> None:
    ran = told("rescue", tmp_path, database_url)
    assert ran.returncode == 0, ran.stderr
    said, _, timeline = ran.stdout.partition("    ")
    assert [words for words in ("启动预案", "演示-街道领导  确认收到", "应急结束", "即办") if words not in said] == []
    assert timeline.count(" 通知 / alerted") == 5
    assert timeline.index("启动预案") < timeline.index("已确认收到") < timeline.index("应急结束")


@spatialite
def test_it_can_be_told_again(sample: Engine, tmp_path: Path, database_url: str) -> None:
    first, second = (told("operation", tmp_path, database_url) for _ in range(2))
    assert (first.returncode, second.returncode) == (0, 0), second.stderr
    for each in (first, second):
        assert "破获治安案件 31 /" in each.stdout
        assert "+5.2 个百分点" in each.stdout


@spatialite
@pytest.mark.parametrize("story", ["dispute", "operation"])
def test_not_without_the_accounts_and_never_among_real_people(
    engine: Engine, settings: Settings, tmp_path: Path, database_url: str, story: str
) -> None:
    with session_scope(engine, write=True) as session:
        load_sample(session, settings.metric_crs)
    ran = told(story, tmp_path, database_url)
    assert (ran.returncode, "NoActors" in ran.stderr, ran.stdout) == (1, True, "")
    with session_scope(engine, write=True) as session:
        add_people(session)
        add_person(session, OPERATOR, "zhangsan")
    ran = told(story, tmp_path, database_url)
    assert (ran.returncode, "InRealUse" in ran.stderr, ran.stdout) == (1, True, "")
