"""The work done stands beside what was measured: whose rounds they are, and when figures are to be told anew."""

from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from gisgrid.audit.record import OPERATOR, record
from gisgrid.coverage.figures import measured
from gisgrid.coverage.group import Group, group_of_people, group_of_plan
from gisgrid.coverage.work.join import stamp, with_work
from gisgrid.database import session_scope
from gisgrid.grid.tables import LEVELS
from gisgrid.parameters import Period
from gisgrid.patrols.plans.tables import Gap
from tests.laid import COMMUNITY, SPOT, STREET, SUBSTATION
from tests.patrols.plans.builders import DAY, ZONE, after_nine
from tests.patrols.plans.worlds import EVENING, SETTINGS, planned, settle_down, walked
from tests.rows import a_gap, an_incident, point

PERIOD = Period(datetime.combine(DAY, time(), ZONE), datetime.combine(DAY + timedelta(days=1), time(), ZONE))
LATER = EVENING + timedelta(days=10)
NOW = datetime(2026, 11, 20, 4, 5, 6, tzinfo=UTC)


@pytest.fixture
def town(engine: Engine) -> Engine:
    """Two plans at the quay, one of them for a person who never came, and an incident beside it."""
    settle_down(engine)
    walked(engine, "P1", 10, 20)
    with session_scope(engine, write=True) as session:
        times = {"reported_at": after_nine(0), "received_at": after_nine(0)}
        place = {"longitude": SPOT[0], "latitude": SPOT[1], "geometry": point(*SPOT)}
        session.add(an_incident(1, **times, **place))
    return engine


def figures(engine: Engine, make: Any = None) -> dict[str, Any]:
    with session_scope(engine) as session:
        group: Group | None = None if make is None else make(session)
        found = measured(session, SETTINGS, PERIOD, group)
        frames = with_work(session, SETTINGS, found, PERIOD, group, LATER)
    for level in LEVELS:
        assert list(frames[level].index) == found.figures[level].cells["code"].tolist()
        assert frames[level]["check_ins"].tolist() == found.figures[level].cells["check_ins"].tolist()
    return frames


def test_rounds_are_of_the_plan_or_of_all_and_of_named_people_there_are_none(town: Engine) -> None:
    here, named = planned(town), planned(town, name="B", at=("15:00",))
    done = ["rounds_done", "rounds_missed"]
    for group, expected in (
        (None, [1, 1]),
        (lambda session: group_of_plan(session, here), [1, 0]),
        (lambda session: group_of_plan(session, named), [0, 1]),
    ):
        frames = figures(town, group)
        for level, code in zip(LEVELS, (STREET, COMMUNITY, SUBSTATION), strict=True):
            assert frames[level].loc[code, done].tolist() == expected
    frames = figures(town, lambda session: group_of_people(session, ["P1"]))
    assert all("rounds_done" not in frame for frame in frames.values())
    assert frames["street"].loc[STREET, "check_ins"] == 2


def test_what_is_spread_over_parts_is_told_of_the_levels_that_have_them(town: Engine) -> None:
    frames = figures(town)
    assert "evenness" in frames["street"]
    assert "evenness" not in frames["substation"]


def test_the_stamp_is_another_once_work_was_done_or_a_minute_has_passed(town: Engine) -> None:
    plan = planned(town)

    def now(**later: float) -> Any:
        with session_scope(town) as session:
            return stamp(session, NOW + timedelta(**later))

    def after(act: Any) -> Any:
        with session_scope(town, write=True) as session:
            act(session)
        return now()

    def close(session: Any) -> None:
        gap = session.query(Gap).one()
        gap.closed_as, gap.closed_at = "explained", NOW

    stamps = [now(), now(minutes=1)]
    assert now(seconds=50) == now(seconds=-6) == stamps[0]
    stamps.append(after(lambda session: record(session, OPERATOR, "plan.made", ("plan", 1))))
    stamps.append(after(lambda session: session.add(an_incident(2))))
    stamps.append(after(lambda session: session.add(a_gap(1, plan))))
    stamps.append(after(close))
    assert len(set(stamps)) == len(stamps)
