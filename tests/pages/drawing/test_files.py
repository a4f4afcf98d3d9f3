"""Maps that are taken along: files, of what the caller may see alone."""

import re
from datetime import datetime, timedelta

import pandas as pd
import pytest
from fastapi import FastAPI
from sqlalchemy import Engine

from gisgrid.database import session_scope
from gisgrid.incidents.report import store_incidents
from gisgrid.parameters import Period
from gisgrid.patrols.arrival.check_in import store_fixes
from gisgrid.settings import Settings
from tests.laid import CELLS, COMMUNITY, ELSEWHERE, SPOT, SUBSTATION
from tests.pages.browsing import Visitor
from tests.pages.conftest import NOW, Visit
from tests.staff.builders import audited

WHY = "purpose=核查一条异议"
FOREIGN = re.compile(r'"css":"cell foreign","code":"(\d+)"')
NAMES = ("grid", "coverage", "comparison", "heat", "incidents")


def walk(engine: Engine, settings: Settings, ref: str, place: tuple[float, float] = SPOT) -> None:
    """Let somebody check in twice, now and a day ago, and an incident be there."""
    where = {"longitude": place[0], "latitude": place[1]}
    times = {"fix_at": pd.to_datetime([NOW - timedelta(days=1), NOW], utc=True), "received_at": pd.Timestamp(NOW)}
    told = {"kind": ["L0101"], "reported_at": pd.to_datetime([NOW], utc=True), "received_at": pd.Timestamp(NOW)}
    with session_scope(engine, write=True) as session:
        store_fixes(session, pd.DataFrame({"patroller_ref": ref, **times, **where, "accuracy_m": 5.0}), settings)
        store_incidents(session, pd.DataFrame({**told, **where, "description": f"at {ref}"}), settings)


def file(visitor: Visitor, name: str, query: str = "") -> str:
    """Return a map that is handed out, and check that it is a file."""
    answer = visitor.get(f"/maps/{name}.html?{query}").answer
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert re.fullmatch(rf'attachment; filename="gisgrid-{name}-[0-9_-]+\.html"', answer.headers["content-disposition"])
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    return str(answer.text)


def test_each_map_is_a_file_that_is_on_record(visit: Visit, engine: Engine, settings: Settings) -> None:
    leader = visit(("street_leader", None))
    walk(engine, settings, "张三")
    for name in NAMES:
        assert "<title>葵涌街道" in file(leader, name)
    entries = audited(engine, "export.map")
    assert [entry.detail["map"] for entry in entries] == list(NAMES)
    assert {entry.actor for entry in entries} == {"person"}


def test_who_answers_for_some_cells_takes_along_theirs(visit: Visit, engine: Engine, settings: Settings) -> None:
    leader = visit(("community_leader", COMMUNITY))
    walk(engine, settings, "张三")
    walk(engine, settings, "李四", ELSEWHERE)
    others = {code for code in CELLS["code"] if not code.startswith(COMMUNITY)}
    assert set(FOREIGN.findall(file(leader, "coverage"))) == others
    assert set(FOREIGN.findall(file(leader, "comparison"))) == others
    heat = file(leader, "heat")
    assert set(FOREIGN.findall(heat)) == {code for code in others if len(code) == len(SUBSTATION)}
    assert len(re.search(r'"squares":\[(\[.*?\])\]', heat)[1].split("],")) == 1  # type: ignore[index]
    told = file(leader, "incidents")
    assert ("at 张三" in told, "at 李四" in told) == (True, False)


def test_the_level_and_the_periods_are_chosen(visit: Visit, settings: Settings) -> None:
    leader = visit(("street_leader", None))
    told = file(leader, "comparison", "datetime=2026-11-08/2026-11-14&before=2025-03-01/2026-03-07&level=street")
    assert "前 Before　2025-03-01 – 2026-03-07" in told
    assert "后 After　2026-11-08 – 2026-11-14" in told
    assert "nobody checked in in the period before" in told
    week = Period.last_days(7, datetime.now(settings.zone).date(), settings.zone)
    assert f"后 After　{week.told(settings.zone)}" in file(leader, "comparison")
    leader.get("/maps/comparison.html?before=gestern", 422)
    leader.get("/maps/heat.html?datetime=2026-11-08", 422)
    leader.get("/maps/coverage.html?level=house", 422)


def test_a_long_period_is_led_through_by_weeks(visit: Visit) -> None:
    leader = visit(("street_leader", None))
    assert file(leader, "coverage", "datetime=2026-08-01/2026-09-04").count('"name":"2026-') == 35
    assert file(leader, "coverage", "datetime=2026-08-01/2026-09-05").count('"name":"2026-') == 6
    for whole in ("2026-08-01", "2016-01-01/2026-09-05"):
        assert 'class="timeline"' not in file(leader, "coverage", f"datetime={whole}").split("</style>")[-1]


def test_ones_own_track_needs_no_purpose_and_anothers_does(visit: Visit, engine: Engine, settings: Settings) -> None:
    leader, own = visit(("station_staff", SUBSTATION)), visit(("mediator", SUBSTATION), name="zhangsan")
    walk(engine, settings, "zhangsan")
    assert "Tracks · zhangsan" in file(own, "track")
    leader.get("/maps/track.html", 404)
    leader.get("/maps/track.html?patroller=zhangsan", 403)
    assert audited(engine, "track.read") == []
    assert "Tracks · zhangsan" in file(leader, "track", f"patroller=zhangsan&{WHY}")
    assert [entry.detail for entry in audited(engine, "track.read")] == [{"purpose": "核查一条异议"}]


def test_nobody_takes_along_the_track_of_others_who_may_not(visit: Visit, engine: Engine, settings: Settings) -> None:
    other, far = visit(("mediator", SUBSTATION)), visit(("station_staff", "440307009003001"))
    walk(engine, settings, "张三")
    for visitor in (other, far):
        answer = visitor.get(f"/maps/track.html?patroller=张三&{WHY}", 404).answer
        assert "没有打卡" in answer.text


@pytest.fixture
def public(settings: Settings, app: FastAPI) -> Visitor:
    """Whoever is let in without signing in."""
    app.state.settings = settings.model_copy(update={"public_viewer": True})
    return Visitor(app)


def test_the_public_takes_along_what_it_may_see(public: Visitor, engine: Engine, settings: Settings) -> None:
    walk(engine, settings, "张三")
    told = file(public, "coverage")
    assert 'class="timeline"' not in told.split("</style>")[-1]
    assert '"squares":[]' in file(public, "heat")
    file(public, "grid")
    for name in ("coverage", "heat"):
        public.get(f"/maps/{name}.html?datetime=2026-11-01/2026-11-20", 403)
    public.get("/maps/comparison.html", 403)
    yesterday = datetime.now(settings.zone).date() - timedelta(days=1)
    compared = file(public, "comparison", f"before={yesterday - timedelta(days=29)}/{yesterday}")
    for text in (told, compared):
        assert '["打卡 Check-ins","n/a"]' in text
        assert '["打卡 Check-ins","1"]' not in text
        assert "nobody checked in" not in text
    assert audited(engine, "export") == []
