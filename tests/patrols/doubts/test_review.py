"""Staff see what is doubtful, release and annotate it; nobody decides about their own, and nothing is punished."""

from datetime import UTC, datetime, timedelta
from typing import Any

import hypothesis
import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st
from sqlalchemy import Engine, select, update
from starlette.testclient import TestClient

from gisgrid.audit.record import OPERATOR
from gisgrid.database import session_scope
from gisgrid.parameters import Page
from gisgrid.patrols.arrival.check_in import check_in
from gisgrid.patrols.arrival.senders import CheckIn
from gisgrid.patrols.doubts.review import (
    NothingToRelease,
    NotReleased,
    doubts_page,
    quarantined,
    release,
    withdraw_release,
)
from gisgrid.patrols.judge import Flag
from gisgrid.patrols.tables import Fix, FixNote, SealedDay
from gisgrid.settings import Settings
from tests.doses import dose
from tests.laid import SPOT, SUBSTATION
from tests.patrols.asking import CHECK_INS, Asking, a_fix, ago, somebody
from tests.patrols.duty.test_settle import HOURS, Sent, Turn, World
from tests.staff.builders import audited

DOUBTS, UNREAD = "/api/doubts", "/api/unread"
PURPOSE = {"purpose": "to see what is doubtful"}


@pytest.fixture
def zhang(ground: Engine, client: TestClient, engine: Engine) -> Asking:
    zhang = somebody(client, engine, "patroller")
    zhang.sign_on(started_at=ago(hours=3).isoformat())
    return zhang


@pytest.fixture
def cadre(zhang: Asking, engine: Engine) -> Asking:
    return somebody(zhang.client, engine, "cadre", name="cadre")


def doubted(who: Asking, engine: Engine, name: str, flags: Flag, **changes: Any) -> int:
    """Check in within the shift, and let the judge doubt it; return the row of the fix."""
    fix_id = int(who.post(CHECK_INS, a_fix(name, ago(minutes=60), **changes))["id"])
    with session_scope(engine, write=True) as session:
        standing = "quarantined" if flags & Flag.UNTIMED else "counted"
        session.execute(update(Fix).where(Fix.id == fix_id).values(flags=int(flags), standing=standing))
    return fix_id


def listed(who: Asking, **asked: Any) -> list[str]:
    features = who.get(DOUBTS, **{**PURPOSE, **asked})["features"]
    return [feature["properties"]["client_id"] for feature in features]


def test_a_far_ahead_fix_is_listed_released_and_quarantined_again(zhang: Asking, cadre: Asking, engine: Engine) -> None:
    made = zhang.post(CHECK_INS, a_fix("1", datetime.now(UTC) + timedelta(hours=30)))
    assert made["standing"] == "quarantined"
    path = f"/api/fixes/{made['id']}"
    (seen,) = cadre.get(DOUBTS, **PURPOSE)["features"]
    told = seen["properties"]
    assert (told["patroller"], told["standing"], told["is_released"]) == ("zhangsan", "quarantined", False)
    assert {doubt["flag"] for doubt in told["doubts"]} == {"ahead", "far_ahead"} == set(told["flags"])
    assert all(doubt["zh"] and doubt["en"] for doubt in told["doubts"])
    after = cadre.post(f"{path}/release", {"reason": " 时钟已核实 "})
    assert (after["standing"], after["is_released"]) == ("counted", True)
    assert [(note["act"], note["words"], note["written_by"]) for note in after["notes"]] == [
        ("released", "时钟已核实", "cadre")
    ]
    assert cadre.post(f"{path}/release", {"reason": "again"}, 409)["code"] == "NothingToRelease"
    assert cadre.post(f"{path}/notes", {"words": "漂移"}, 201)["standing"] == "counted"
    back = cadre.ask("DELETE", f"{path}/release")
    assert (back["standing"], back["is_released"]) == ("quarantined", False)
    assert [note["act"] for note in back["notes"]] == ["released", "noted", "withdrawn"]
    assert cadre.ask("DELETE", f"{path}/release", 409)["code"] == "NotReleased"
    told = [(each.action, each.subject, each.detail) for each in audited(engine, "fix")]
    assert told == [(f"fix.{act}", zhang.id, {"fix": made["id"]}) for act in ("released", "noted", "withdrawn")]


def test_looking_needs_a_purpose_and_whoever_walked_sees_who_looked(zhang: Asking, cadre: Asking) -> None:
    zhang.post(CHECK_INS, a_fix("1", datetime.now(UTC) + timedelta(hours=30)))
    assert cadre.get(DOUBTS, 403)["code"] == cadre.get(UNREAD, 403)["code"] == "PurposeNeeded"
    cadre.get(DOUBTS, **PURPOSE, limit=1, offset=1)  # nothing is on that page: that somebody matches tells something
    assert [each["purpose"] for each in zhang.get("/api/me/readers")["readings"]] == [PURPOSE["purpose"]]


def test_the_quarantined_come_first_then_the_newest(zhang: Asking, cadre: Asking, engine: Engine) -> None:
    for name, flags in (("a", Flag.UNTIMED), ("b", Flag.COARSE), ("c", Flag.UNTIMED), ("d", Flag.MOCK), ("e", Flag(0))):
        doubted(zhang, engine, name, flags)
    assert listed(cadre) == ["c", "a", "d", "b"]
    assert listed(cadre, quarantined=True) == ["c", "a"]
    assert listed(cadre, flag="mock") == ["d"]
    assert listed(cadre, datetime=f"{ago(days=2).isoformat()}/{ago(days=1).isoformat()}") == []
    assert cadre.get(DOUBTS, 422, **PURPOSE, flag="none")["code"] == "BadInput"
    assert listed(somebody(zhang.client, engine, "cadre", name="far", cell="440307009003")) == []
    with session_scope(engine) as session:
        assert quarantined(session) == 2


def test_what_is_withheld_is_nobody_s_to_judge(zhang: Asking, cadre: Asking, engine: Engine) -> None:
    fix_id = int(zhang.post(CHECK_INS, a_fix("1", ago(hours=9), accuracy_m=500))["id"])
    assert listed(cadre) == []
    for method, path, body in (
        ("POST", "release", {"reason": "x"}), ("POST", "notes", {"words": "x"}), ("DELETE", "release", {}),
    ):  # fmt: skip
        assert cadre.ask(method, f"/api/fixes/{fix_id}/{path}", 404, json=body)["code"] == "NoSuchDoubt"


@pytest.mark.parametrize(
    ("flags", "changes", "code"),
    [
        (Flag.UNTIMED | Flag.NOT_FINITE, {"longitude": None, "latitude": None}, "NoPlaceOnEarth"),
        (Flag.UNTIMED | Flag.SWAPPED, {}, "NoPlaceOnEarth"),
        (Flag.UNTIMED | Flag.NULL_ISLAND, {}, "NoPlaceOnEarth"),
        (Flag.COARSE, {}, "NothingToRelease"),
    ],
)
def test_what_cannot_be_released(
    zhang: Asking, cadre: Asking, engine: Engine, flags: Flag, changes: dict[str, Any], code: str
) -> None:
    fix_id = doubted(zhang, engine, "1", flags)
    with session_scope(engine, write=True) as session:
        session.execute(update(Fix).values(client_id="1", **changes))
    answer = cadre.post(f"/api/fixes/{fix_id}/release", {"reason": "x"}, 409 if code == "NothingToRelease" else 422)
    assert answer["code"] == code
    with session_scope(engine) as session:
        assert session.scalars(select(FixNote.id)).all() == []
        assert not session.scalar(select(Fix.is_released))


def test_a_sealed_day_stays_as_it_is_but_may_be_annotated(zhang: Asking, cadre: Asking, engine: Engine) -> None:
    fix_id = doubted(zhang, engine, "1", Flag.UNTIMED)
    with session_scope(engine, write=True) as session:
        session.add(SealedDay(day=datetime.now(Settings().zone).date(), sealed_at=datetime.now(UTC), fixes=0))
    assert cadre.post(f"/api/fixes/{fix_id}/release", {"reason": "x"}, 409)["code"] == "DayIsSealed"
    assert cadre.post(f"/api/fixes/{fix_id}/notes", {"words": "x"}, 201)["standing"] == "quarantined"


def test_nobody_decides_about_their_own(zhang: Asking, engine: Engine) -> None:
    both = somebody(zhang.client, engine, "patroller", "cadre", name="both", cell=SUBSTATION)
    both.sign_on(started_at=ago(hours=3).isoformat())
    fix_id = doubted(both, engine, "1", Flag.UNTIMED)
    assert listed(both) == ["1"]
    assert both.post(f"/api/fixes/{fix_id}/release", {"reason": "x"}, 403)["code"] == "OwnFix"
    for who in (both, zhang):  # whoever has no such role is not let in at all
        code = "OwnFix" if who is both else "NotForYou"
        assert who.ask("DELETE", f"/api/fixes/{fix_id}/release", 403)["code"] == code


@pytest.mark.parametrize("body", [{}, {"reason": "  "}, {"reason": "x" * 1001}, {"reason": 1}, {"words": "x"}, []])
def test_a_release_needs_its_reason(zhang: Asking, cadre: Asking, engine: Engine, body: Any) -> None:
    fix_id = doubted(zhang, engine, "1", Flag.UNTIMED)
    assert cadre.post(f"/api/fixes/{fix_id}/release", body, 422)["code"] == "BadInput"


# --- whatever comes first --------------------------------------------------------------------------


DOUBTED_SENT = st.lists(st.builds(Sent, st.integers(0, HOURS), st.integers(0, 3), st.none()), min_size=1, max_size=5)
TURNS = st.lists(
    st.builds(Turn, st.integers(0, 1), st.integers(0, 2), st.integers(0, HOURS), st.booleans()), min_size=1, max_size=4
)
DECISIONS = st.lists(st.tuples(st.integers(0, 4), st.booleans()), max_size=6)


@hypothesis.settings(
    max_examples=dose(8), suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(sent=DOUBTED_SENT, turns=TURNS, decisions=DECISIONS, order=st.randoms(use_true_random=False))
def test_releases_fixes_and_shifts_in_any_order_give_the_same_standings(
    ground: Engine, sent: list[Sent], turns: list[Turn], decisions: list[tuple[int, bool]], order: Any
) -> None:
    world, released = World(ground), set[str]()
    steps: list[Any] = [*enumerate(sent), *turns, *decisions]
    order.shuffle(steps)
    for step in steps:
        if isinstance(step, Turn):
            world.turn(step)
        elif isinstance(step[1], Sent):
            doubt(world, *step)
        else:
            decide(world, str(step[0]), released, is_released=step[1])
    told = world.kept()
    expected = world.expected(sent)
    for name, (whose, standing, patrol) in expected.items():
        stands = "quarantined" if standing == "counted" and name not in released else standing
        assert told[name] == (whose, stands, patrol), name


def doubt(world: World, number: int, sent: Sent) -> None:
    """Send a fix without a time that can be read: it takes that of its arrival, and is quarantined."""
    moment = world.start + timedelta(hours=sent.hour, minutes=30)
    fix = CheckIn(None, moment, moment, *SPOT, client_id=str(number), is_untimed=True)
    with session_scope(world.engine, write=True) as session:
        check_in(session, [fix], Settings(), world.callers[sent.by])


def decide(world: World, name: str, released: set[str], *, is_released: bool) -> None:
    """Let staff, if they see the fix, release it or take that back."""
    who = staff(world)
    theirs = (Fix.standing != "withheld", Fix.patroller_id.in_(world.rows))
    with session_scope(world.engine, write=True) as session:
        fix_id = session.scalar(select(Fix.id).where(Fix.client_id == name, *theirs))
        if fix_id is None:
            return
        try:
            if is_released:
                release(session, Settings(), OPERATOR, who, fix_id, "核实")
                released.add(name)
            else:
                withdraw_release(session, Settings(), OPERATOR, who, fix_id)
                released.discard(name)
        except (NothingToRelease, NotReleased):
            session.rollback()


def staff(world: World) -> int:
    """Return the row of somebody who never walked, made on first need."""
    if not hasattr(world, "staff"):
        from tests.staff.callers import person

        with session_scope(world.engine, write=True) as session:
            world.staff = person(session, ("cadre", None)).id  # type: ignore[attr-defined]
    return int(world.staff)


def test_a_released_fix_of_nobody_s_shift_is_withheld_again(ground: Engine) -> None:
    world = World(ground)
    doubt(world, 0, Sent(3, 2, None))
    world.turn(Turn(0, 2, 1, is_on=True))
    decide(world, "0", set(), is_released=True)
    assert world.kept()["0"][1] == "counted"
    world.turn(Turn(0, 2, 2, is_on=False))
    assert world.kept()["0"][1] == "withheld"
    with session_scope(ground) as session:
        assert doubts_page(session, Page(10, 0))[0] == 0
