"""Whoever watches is told who is on duty in their cells, what is doubtful there, and what of it changes."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, select, update
from starlette.testclient import TestClient

from gisgrid.app import create_app
from gisgrid.audit.record import OPERATOR
from gisgrid.database import session_scope
from gisgrid.patrols.live.sources import SOURCES
from gisgrid.patrols.live.watch import Source, Watch, changes
from gisgrid.patrols.tables import Heartbeat, Patroller
from gisgrid.settings import Settings
from gisgrid.staff.appointments import grant
from gisgrid.staff.caller import caller_of
from gisgrid.staff.people import person_of
from gisgrid.staff.tables import Token
from tests.laid import ELSEWHERE, SPOT, SUBSTATION
from tests.patrols.asking import CHECK_INS, PIN, Asking, a_fix, ago, device, somebody
from tests.patrols.plans.worlds import planned, store_two
from tests.service import running
from tests.staff.builders import audited

NOW, LIVE = "/api/live/now", "/api/live"
PURPOSE = {"purpose": "to see who is on duty"}


@pytest.fixture
def zhang(ground: Engine, client: TestClient, engine: Engine) -> Asking:
    zhang = somebody(client, engine, "patroller")
    zhang.sign_on(started_at=ago(hours=3).isoformat())
    return zhang


@pytest.fixture
def cadre(zhang: Asking, engine: Engine) -> Asking:
    return somebody(zhang.client, engine, "cadre", name="cadre")


def look(who: Asking, **asked: Any) -> dict[str, Any]:
    states: dict[str, Any] = who.get(NOW, **{**PURPOSE, **asked})["states"]
    return states


# --- who is shown ----------------------------------------------------------------------------------


def test_the_last_position_that_is_not_ahead(zhang: Asking, cadre: Asking) -> None:
    for name, moment in (("old", ago(hours=2)), ("last", ago(minutes=5)), ("ahead", ago(minutes=-20))):
        assert zhang.post(CHECK_INS, a_fix(name, moment, accuracy_m=8.5))["standing"] == "counted"
    ((ref, who),) = look(cadre)["positions"].items()
    assert (ref, who["is_silent"], who["device"]) == ("zhangsan", False, None)
    assert datetime.fromisoformat(who["position"]["fix_at"]) == pytest.approx(ago(minutes=5), abs=timedelta(seconds=9))
    assert who["position"]["accuracy_m"] == 8.5
    assert who["position"]["cell"] == {"code": "440307009002001", "name": "分站2-1"}
    assert look(cadre)["duty"] == {"on_duty": 1, "silent": 0, "cells": {SUBSTATION: 1}}


def test_whoever_has_sent_nothing_is_shown_where_they_walk_and_silent_in_time(
    zhang: Asking, cadre: Asking, engine: Engine
) -> None:
    with session_scope(engine, write=True) as session:
        session.execute(update(Token).values(last_used_at=ago(hours=1)))
    far = somebody(zhang.client, engine, "cadre", name="far", cell="440307009003")
    assert look(far)["positions"] == {}
    (who,) = look(cadre)["positions"].values()
    assert (who["position"], who["is_silent"]) == (None, True)


def test_whoever_has_gone_on_into_other_cells_is_shown_at_home_without_the_place(
    zhang: Asking, cadre: Asking, engine: Engine
) -> None:
    far = somebody(zhang.client, engine, "cadre", name="far", cell="440307009003")
    zhang.post(CHECK_INS, a_fix("1", ago(minutes=90)))
    assert (len(look(cadre)["positions"]), len(look(far)["positions"])) == (1, 0)
    x, y = ELSEWHERE
    zhang.post(CHECK_INS, a_fix("2", ago(minutes=60), longitude=x, latitude=y))
    (here,), (there,) = (look(who)["positions"].values() for who in (cadre, far))
    assert (here["position"], here["is_elsewhere"]) == (None, True)
    assert (there["position"]["cell"]["name"], there["is_elsewhere"]) == ("分站3-2", False)
    zhang.post("/api/shifts/end", {})
    told = look(far)
    assert told.pop("arrivals") in ({}, {"440307009003002": 1})  # an hour ago it may have been yesterday
    assert told == {
        "duty": {"on_duty": 0, "silent": 0, "cells": {}}, "positions": {}, "doubts": {"waiting": 0, "newest": None},
        "alarms": {}, "rounds": {"gaps": 0}, "gaps": {}, "emergencies": {}, "incidents": {},
    }  # fmt: skip


def test_a_heartbeat_of_the_phone_is_life(zhang: Asking, cadre: Asking, engine: Engine) -> None:
    phone = device(zhang.client, engine)
    phone.sign_on(person=zhang.name, pin=PIN, started_at=ago(minutes=50).isoformat())
    phone.post(CHECK_INS, a_fix("1", ago(minutes=40)))
    with session_scope(engine, write=True) as session:
        session.execute(update(Token).values(last_used_at=ago(hours=2)))
    assert look(cadre)["positions"]["zhangsan"]["is_silent"]
    with session_scope(engine, write=True) as session:
        sender = session.scalars(select(Patroller.id).where(Patroller.ref == f"device\t{phone.id}")).one()
        session.add(Heartbeat(sender_id=sender, beat_at=ago(minutes=3), received_at=ago(minutes=3)))
    who = look(cadre)["positions"]["zhangsan"]
    assert (who["is_silent"], who["device"]) == (False, "phone")


def test_what_is_doubtful_is_counted_with_the_newest(zhang: Asking, cadre: Asking) -> None:
    made = [zhang.post(CHECK_INS, a_fix(name, ago(hours=-30)))["id"] for name in "ab"]
    doubts = look(cadre)["doubts"]
    assert (doubts["waiting"], doubts["newest"]["id"]) == (2, made[1])
    assert doubts["newest"]["flags"] == ["ahead", "far_ahead"]


# --- to whom, and on record ------------------------------------------------------------------------


def test_calls_for_help_until_somebody_sees_to_them(zhang: Asking, cadre: Asking) -> None:
    assert look(cadre)["alarms"] == {}
    call = zhang.post("/api/alarms", {"words": "被困", "longitude": SPOT[0], "latitude": SPOT[1]})
    ((number, told),) = look(cadre)["alarms"].items()
    assert (int(number), told["patroller"], told["words"]) == (call["id"], "zhangsan", "被困")
    cadre.post(f"/api/alarms/{call['id']}/acknowledge", {})
    assert look(cadre)["alarms"] == {}


def test_the_rounds_of_today_are_counted(zhang: Asking, cadre: Asking, engine: Engine) -> None:
    assert look(cadre)["rounds"] == {"gaps": 0}
    store_two(engine)
    planned(engine, at=("00:00",), duration_min=1440, grace_min=0)
    assert look(cadre)["rounds"] == {"due": 1, "gaps": 0}


def test_a_purpose_is_needed_and_recorded_once_an_hour_for_each_who_is_shown(
    zhang: Asking, cadre: Asking, engine: Engine
) -> None:
    for path in (NOW, LIVE):
        assert cadre.get(path, 403)["code"] == "PurposeNeeded"
    zhang.post(CHECK_INS, a_fix("1", ago(minutes=5)))
    for _ in range(3):
        look(cadre)
    assert [(each.subject, each.detail) for each in audited(engine, "track.read")] == [(zhang.id, PURPOSE)]
    look(cadre, purpose="something else entirely")
    assert len(audited(engine, "track.read")) == 2


@pytest.mark.parametrize(("role", "cell"), [("administrator", None), ("patroller", SUBSTATION)])
def test_whoever_may_see_figures_alone_is_told_numbers_alone(
    zhang: Asking, engine: Engine, role: str, cell: str | None
) -> None:
    zhang.post(CHECK_INS, a_fix("1", ago(minutes=5)))
    asker = somebody(zhang.client, engine, role, name="asker", cell=cell)
    told = asker.get(NOW)["states"]
    assert (told.pop("emergencies", {}), told.pop("incidents", {})) == ({}, {})  # for whoever may see incidents
    assert told.pop("arrivals") in ({}, {SUBSTATION: 1})  # five minutes ago it may have been yesterday
    assert told == {"duty": {"on_duty": 1, "silent": 0, "cells": {SUBSTATION: 1}}}
    assert audited(engine, "track.read") == []


def test_nothing_of_the_present_is_told_to_the_public(zhang: Asking, settings: Settings) -> None:
    app = create_app(settings.model_copy(update={"public_viewer": True}))
    with TestClient(app, base_url="http://127.0.0.1", client=("127.0.0.1", 1)) as client:
        assert client.get(NOW).json()["states"] == {}
        assert client.get(LIVE).text.endswith("event: end\ndata: {}\n\n")


@pytest.mark.parametrize(
    ("only", "status", "names"),
    [
        (["duty,arrivals,gaps,incidents,rounds"], 200, {"duty", "arrivals", "gaps", "incidents", "rounds"}),
        (["duty", "gaps,duty"], 200, {"duty", "gaps"}),
        (["nothing"], 200, set()),
        (["duty", "positions"], 403, None),
        (["alarms"], 403, None),
        (["doubts"], 403, None),
        ([], 403, None),
        (["x" * 201], 422, None),
    ],
)
def test_only_some_are_asked_for_and_persons_for_a_purpose(
    zhang: Asking, cadre: Asking, engine: Engine, only: list[str], status: int, names: set[str] | None
) -> None:
    told = cadre.get(NOW, status, only=only)
    assert names is None or set(told["states"]) == names
    assert audited(engine, "track.read") == []


def test_each_source_is_seen_as_far_as_its_own_permission_reaches(zhang: Asking, engine: Engine) -> None:
    zhang.post(CHECK_INS, a_fix("1", ago(minutes=5)))
    asker = somebody(zhang.client, engine, "cadre", name="asker", cell="440307009003")
    with session_scope(engine, write=True) as session:
        grant(session, OPERATOR, person_of(session, asker.id), "mediator", None)
    told = look(asker)
    assert (told["duty"]["on_duty"], told["positions"]) == (1, {})


def test_what_takes_long_is_looked_at_again_when_it_has_changed(engine: Engine, cadre: Asking) -> None:
    looks: list[str] = []
    version = [1]

    def look_at(name: str) -> Callable[..., dict[str, int]]:
        return lambda *_: {"looks": (looks.append(name), looks.count(name))[1]}  # type: ignore[func-returns-value]

    sources = (
        Source("always", "coverage", look_at("always")),
        Source("seldom", "coverage", look_at("seldom"), every_s=1e6),
        Source("changed", "coverage", look_at("changed"), every_s=1e6, version=lambda _: version[0]),
    )
    with session_scope(engine) as session:
        caller = caller_of(session, cadre.words, "api")
    watch = Watch(engine, Settings(), sources, caller)
    watch.look(None)
    version[0] = 2
    watch.look(None)
    assert watch.look(None) == {"always": {"looks": 3}, "seldom": {"looks": 1}, "changed": {"looks": 2}}


# --- what changes ----------------------------------------------------------------------------------

STATES = st.dictionaries(st.sampled_from("ab"), st.dictionaries(st.sampled_from("xyz"), st.integers(0, 2)))


@given(st.lists(STATES, min_size=1, max_size=5))
def test_patches_one_after_another_make_the_last_state(seen: list[dict[str, dict[str, int]]]) -> None:
    told: dict[str, dict[str, Any]] = {}
    kept: dict[str, dict[str, Any]] = {}
    for states in seen:
        for name, patch in changes(told, states):
            merged = {**kept.get(name, {}), **patch}
            kept[name] = {key: value for key, value in merged.items() if value is not None}
        told = states
        assert {name: state for name, state in kept.items() if state} == {
            name: state for name, state in states.items() if state
        }
        assert list(changes(told, states)) == []


# --- the stream ------------------------------------------------------------------------------------


class Watching:
    """A stream that is read in a thread of its own; `events` fills as they come."""

    def __init__(self, url: str, words: str, **asked: str) -> None:
        self.events: list[tuple[str, Any]] = []
        self.headers: dict[str, str] = {}
        self.is_over = threading.Event()
        self._stop = threading.Event()
        given = {"Authorization": f"Bearer {words}", "Accept-Encoding": "gzip"}
        self._asked = {"url": f"{url}{LIVE}", "params": {**PURPOSE, **asked}, "headers": given}
        self._thread = threading.Thread(target=self._read)
        self._thread.start()

    def _read(self) -> None:
        with httpx.stream("GET", timeout=30, **self._asked) as answer:  # type: ignore[arg-type]
            self.headers = dict(answer.headers)
            name = ""
            for line in answer.iter_lines():
                if line.startswith("event: "):
                    name = line.removeprefix("event: ")
                elif line.startswith("data: "):
                    self.events.append((name, json.loads(line.removeprefix("data: "))))
                if self._stop.is_set():
                    break
        self.is_over.set()

    def wait(self, *names: str, seconds: float = 20) -> None:
        """Wait until events of these names have come; forget them."""
        end = time.monotonic() + seconds
        while not set(names) <= {name for name, _ in self.events}:
            assert time.monotonic() < end, self.events
            time.sleep(0.02)

    def take(self) -> dict[str, Any]:
        """Return the last event of each name, and forget all."""
        taken, self.events = dict(self.events), []
        return taken


@pytest.fixture
def watching(served: str, cadre: Asking) -> Iterator[Watching]:
    watching = Watching(served, cadre.words)
    watching.wait("duty", "positions", "doubts", "arrivals")
    yield watching
    watching._stop.set()


def test_the_stream_tells_what_is_and_then_what_has_changed(
    watching: Watching, zhang: Asking, settings: Settings
) -> None:
    assert watching.headers["content-type"].startswith("text/event-stream")
    assert "content-encoding" not in watching.headers
    assert watching.take()["positions"]["zhangsan"]["position"] is None
    with TestClient(create_app(settings), base_url="http://127.0.0.1", client=("127.0.0.1", 1)) as other:
        Asking(other, zhang.id, zhang.name, zhang.words).post(CHECK_INS, a_fix("1", ago(minutes=1)))  # another worker
    watching.wait("positions", "duty", seconds=5)
    assert watching.take()["positions"]["zhangsan"]["position"]["cell"]["code"] == "440307009002001"
    zhang.post(CHECK_INS, a_fix("2", ago(hours=-30)))
    watching.wait("doubts", seconds=5)
    assert watching.take()["doubts"]["waiting"] == 1
    zhang.post("/api/shifts/end", {})
    watching.wait("positions", "duty", seconds=5)
    taken = watching.take()
    assert (taken["positions"], taken["duty"]["on_duty"]) == ({"zhangsan": None}, 0)


def test_it_ends_when_the_token_is_revoked(watching: Watching, cadre: Asking, engine: Engine) -> None:
    with session_scope(engine, write=True) as session:
        mine = update(Token).where(Token.person_id == cadre.id)
        session.execute(mine.values(revoked_at=datetime.now(UTC)))
    watching.wait("end", seconds=5)
    assert watching.is_over.wait(5)


def test_it_ends_with_the_service_at_once(settings: Settings, engine: Engine, cadre: Asking) -> None:
    told = {"GISGRID_DATABASE_URL": settings.database_url}
    with running(settings.home, **told) as service:
        watching = Watching(service.url, cadre.words)
        watching.wait("positions")
        begun = time.monotonic()
        service.process.terminate()
        service.process.wait(8)
        assert time.monotonic() - begun < 6
        assert watching.is_over.wait(5)


def test_a_source_that_another_part_tells_is_one_line(settings: Settings, engine: Engine, cadre: Asking) -> None:
    rounds = Source("rounds", "coverage", lambda *_: {"due": 3})
    app = create_app(settings)
    app.state.sources = (*SOURCES, rounds)
    app.state.ending.set()
    with TestClient(app, base_url="http://127.0.0.1", client=("127.0.0.1", 1)) as client:
        headers = {"Authorization": f"Bearer {cadre.words}"}
        assert 'event: rounds\ndata: {"due": 3}\n\n' in client.get(LIVE, params=PURPOSE, headers=headers).text


def test_nothing_is_kept_open_between_two_looks(watching: Watching, engine: Engine) -> None:
    if engine.dialect.name != "postgresql":
        return
    with engine.connect() as connection:
        idle = "SELECT count(*) FROM pg_stat_activity WHERE state = 'idle in transaction'"
        assert 0 in [connection.exec_driver_sql(idle).scalar() for _ in range(20)]
