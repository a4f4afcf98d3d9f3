"""Gaps that stay open go up, once to each level, and nobody is told of one that may be none."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, delete, select

from gisgrid import app
from gisgrid.audit.record import Actor
from gisgrid.database import make_engine, session_scope
from gisgrid.jobs import run_due
from gisgrid.parameters import Period
from gisgrid.patrols.plans.gap_steps import steps_of
from gisgrid.patrols.plans.gaps import close_gap, settle_gaps
from gisgrid.patrols.plans.gaps_up import let_gaps_go_up
from gisgrid.patrols.plans.tables import Gap
from gisgrid.patrols.plans.terms import Place
from gisgrid.patrols.tables import Fix
from gisgrid.settings import Settings
from tests.laid import COMMUNITY, STREET
from tests.patrols.plans.builders import DAY, after_nine
from tests.patrols.plans.worlds import EVENING, SETTINGS, a_walker, on_duty, planned, walked
from tests.staff.builders import at_once, audited

HOUR = timedelta(hours=1)
DAY_LONG = 24 * HOUR


def missed(engine: Engine, **changes: Any) -> None:
    """Let the round of nine be missed, and its gap be opened in the evening."""
    planned(engine, **{"first_day": DAY, "last_day": DAY, **changes})
    settle(engine)


def settle(engine: Engine, now: datetime = EVENING) -> dict[str, int]:
    return dict(settle_gaps(engine, SETTINGS, Period(now - timedelta(days=8), now), now))


def up(engine: Engine, after: timedelta, **changes: Any) -> int:
    """Let gaps go up some time after the evening."""
    return let_gaps_go_up(engine, SETTINGS.model_copy(update=changes), EVENING + after)


def life(engine: Engine) -> list[tuple[str, str]]:
    """Return what happened to the only gap, and who answered then."""
    with session_scope(engine) as session:
        gap = session.scalars(select(Gap)).one()
        return [(step["act"], step["level"]) for step in steps_of(gap.steps)]


def test_it_goes_up_once_to_each_level(town: Engine) -> None:
    missed(town)
    found = [up(town, hours * HOUR) for hours in (24, 24.1, 24.2, 48, 48.2, 48.3, 99, 999)]
    assert found == [0, 1, 0, 0, 1, 0, 0, 0]
    assert life(town) == [("opened", "substation"), ("went_up", "community"), ("went_up", "street")]
    entries = audited(town, "gap.went_up")
    assert [entry.detail for entry in entries] == [
        {"level": "community", "cell": COMMUNITY},
        {"level": "street", "cell": STREET},
    ]
    assert {entry.actor for entry in entries} == {"program"}


def test_a_long_silence_is_no_reason_to_skip_a_level(town: Engine) -> None:
    missed(town)
    assert [up(town, 30 * DAY_LONG), up(town, 30 * DAY_LONG + HOUR)] == [1, 0]
    assert life(town)[-1] == ("went_up", "community")


def test_a_setting_says_after_how_long(town: Engine) -> None:
    missed(town)
    assert [up(town, 1.5 * HOUR, gap_hours=2), up(town, 2.5 * HOUR, gap_hours=2)] == [0, 1]


def test_the_place_of_a_community_begins_with_it(town: Engine) -> None:
    missed(town, places=(Place("cell", COMMUNITY),))
    assert [up(town, 25 * HOUR), up(town, 50 * HOUR)] == [1, 0]
    assert life(town) == [("opened", "community"), ("went_up", "street")]


@pytest.mark.parametrize("how", ["explained", "visited", "corrected"])
def test_what_is_closed_stays_where_it_is(town: Engine, how: str) -> None:
    missed(town)
    if how == "explained":
        with session_scope(town, write=True) as session:
            close_gap(session, Actor("operator"), session.scalars(select(Gap.id)).one(), "台风停航")
    else:
        walked(town, "P1", 10 if how == "corrected" else 200, arrived=650)
        settle(town)
    assert up(town, 25 * HOUR) == 0
    assert [act for act, _ in life(town)] == ["opened", how]


def test_what_is_open_again_has_its_time_again(town: Engine) -> None:
    missed(town)
    up(town, 25 * HOUR)
    walked(town, "P1", 10, arrived=650)
    settle(town)
    with session_scope(town, write=True) as session:
        session.execute(delete(Fix))
    later = EVENING + 40 * HOUR
    settle(town, later)
    assert [up(town, 60 * HOUR), up(town, 65 * HOUR)] == [0, 1]
    assert [act for act, _ in life(town)] == ["opened", "went_up", "corrected", "reopened", "went_up"]


def test_what_may_have_been_done_does_not_go_up(town: Engine) -> None:
    """A shift becomes known after the gap was opened, of a phone that has told of nothing yet."""
    zhang = a_walker(town, "zhang")
    missed(town)
    on_duty(town, zhang, -10, 80)
    assert up(town, 3 * HOUR, gap_hours=1) == 0
    assert up(town, 20 * HOUR, gap_hours=1) == 1


def test_what_was_done_meanwhile_does_not_go_up(town: Engine) -> None:
    missed(town)
    walked(town, "P1", 10, arrived=650)
    assert up(town, 3 * HOUR, gap_hours=1) == 0


def test_two_who_look_at_once_raise_it_once(town: Engine) -> None:
    missed(town)
    assert sum(done for done in at_once(lambda _: up(town, 25 * HOUR), 3) if isinstance(done, int)) == 1
    assert len(life(town)) == 2


def test_the_service_raises_them_by_itself(town: Engine, settings: Settings, database_url: str) -> None:
    missed(town)
    service = make_engine(database_url)
    # opened when this day's evening was: by now, some time later or before it
    with session_scope(town, write=True) as session:
        session.scalars(select(Gap)).one().level_since = after_nine(-40 * 24 * 60)
        session.scalars(select(Gap)).one().last_at = after_nine(-40 * 24 * 60)
    run_due(service, [job for job in app._jobs(service, settings) if job.name == "gaps going up"])
    service.dispose()
    assert life(town)[-1] == ("went_up", "community")
