"""The rescue of 2007, told again: a young person is about to jump from a building in 土洋, and is saved."""

from sqlalchemy import Engine

from gisgrid.settings import Settings
from tests.attachments.pictures import PDF
from tests.incidents.conftest import Hire
from tests.incidents.emergencies.crew import (
    RESCUE,
    alerted,
    ask,
    done,
    later,
    muster,
    now,
    phone,
    running,
    shown,
)
from tests.incidents.loop.office import case, moved, show
from tests.laid import SPOT
from tests.patrols.asking import CHECK_INS, a_fix, ago, somebody
from tests.staff.builders import audited


def test_the_rescue(hire: Hire, engine: Engine, settings: Settings) -> None:
    crew = muster(hire, engine)
    walker = somebody(crew.station.client, engine, "patroller")
    walker.sign_on(started_at=ago(hours=1).isoformat())
    near = {"longitude": SPOT[0] + 0.001, "latitude": SPOT[1]}
    assert walker.post(CHECK_INS, a_fix("1", ago(minutes=4), **near))["standing"] == "counted"
    phone(engine, crew.police, "0755-8420 0110")

    # the station reports it, and within the same request all three levels, police and fire service are alerted
    incident = crew.station.report(kind=RESCUE, reported_at=now(), description="一名青年站在楼顶边缘")
    (entry,) = running(crew.station)
    number = entry["id"]
    told = shown(crew.station, number)
    assert alerted(told) == {
        "分站工作人员": ["分站甲", "分站乙"],
        "社区领导": ["社区书记", "社区副书记"],
        "街道领导": ["街道主任"],
        "派出所": ["民警"],
        "消防站": ["消防员"],
    }
    assert [each["is_called"] for each in (*running(crew.police), *running(crew.fire), *running(crew.street))] == [
        True
    ] * 3
    assert running(crew.stranger) == running(crew.third) == running(crew.walker) == []  # it is confidential
    assert crew.third.ask("GET", f"/{incident}")[0] == 404
    assert (
        crew.fire.ask("GET", f"/{incident}")[0] == 200
    )  # named to handle it, so that they see what they are called to
    phones = {each["name"]: each["phone"] for line in told["lines"] for each in line["people"]}
    assert phones["民警"] == "0755-8420 0110"

    # whoever is near is listed, and can see that it was asked
    (patroller,) = told["nearest"]
    assert (patroller["ref"], 90 < patroller["distance_m"] < 120) == ("zhangsan", True)
    read = audited(engine, "track.read")
    assert [entry.detail["purpose"] for entry in read] == [f"应急处置 emergency {told['number']}"]
    shown(crew.station, number)
    assert audited(engine, "track.read") == read
    assert shown(crew.fire, number)["nearest"] == []  # whoever may see no tracks sees none here

    # those acknowledge; of the community nobody does, and after the time the next in its line is alerted
    for who in (crew.police, crew.fire, crew.street):
        done(who, f"/{number}/acknowledge")
    assert running(crew.police)[0]["is_called"] is False
    assert later(engine, settings, 59) == 0
    assert running(crew.behind) == []
    assert later(engine, settings, 61) == 1
    assert later(engine, settings, 1) == 0  # looked for again, alerted once
    told = shown(crew.behind, number)
    assert alerted(told)["社区领导"] == ["社区书记", "社区副书记", "社区联系人"]
    line = next(line["people"] for line in told["lines"] if line["zh"] == "社区领导")
    assert [each["followed_up_at"] is None for each in line] == [False, False, True]
    assert alerted(told)["分站工作人员"] == ["分站甲", "分站乙"]  # the reporter has it, and so has the line
    assert done(crew.behind, f"/{number}/acknowledge")["is_called"] is False

    # they act together
    done(crew.station, f"/{number}/tasks/1/done", words="正在交谈")
    done(crew.police, f"/{number}/tasks/3/done", words="")
    done(crew.fire, f"/{number}/tasks/4/done", words="气垫已铺好")
    assert done(crew.police, f"/{number}/words", words="家属已到场")["tasks_done"] == 3
    moved(crew.station, incident, "file", condition="1")
    moved(crew.station, incident, "dispatch", departments=["police", "fire"])
    moved(crew.police, incident, "accept")
    moved(crew.police, incident, "finish", words="当事人已被救下,送医")
    done(crew.street, f"/{number}/end", words="当事人获救,无人受伤")
    assert running(crew.street) == []

    # and another than those who did it checks that it is so
    assert show(crew.second, incident, PDF)[0] == 200
    moved(crew.second, incident, "pass", words="当事人情绪稳定", longitude=SPOT[0], latitude=SPOT[1])
    assert case(crew.second, incident)["state"] == "closed"

    told = shown(crew.second, number)
    assert [each["at"] for each in told["timeline"]] == sorted(each["at"] for each in told["timeline"])
    assert [each["zh"] for each in told["timeline"] if each["what"] in ("step", "started", "ended")] == [
        *("上报", "启动预案", "立案", "派遣", "受理", "处置完成", "应急结束", "核查通过"),
    ]
    said = [(each["what"], each["by"]) for each in told["timeline"]]
    assert said[:3] == [("step", "分站甲"), ("started", "分站甲"), ("alerted", "分站甲")]
    assert said.index(("silent", "社区书记")) < said.index(("acknowledged", "社区联系人"))
    assert [each["words"] for each in told["timeline"] if each["what"] in ("done", "said")] == [
        *("正在交谈", "", "气垫已铺好", "家属已到场"),
    ]
    assert told["nearest"] == []
    assert {each["phone"] for line in told["lines"] for each in line["people"]} == {None}
    assert ask(crew.police, "POST", f"/{number}/words", json={"words": "再补充"})[1]["code"] == "EmergencyOver"
    acts = [entry.action for entry in audited(engine, "emergency")]
    assert (acts[0], acts.count("emergency.alerted"), acts[-1]) == ("emergency.started", 8, "emergency.ended")
