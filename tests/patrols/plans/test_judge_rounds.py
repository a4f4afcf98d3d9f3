"""How rounds stand, from what is in the database: whoever was where, whoever has told of it, and what stood there."""

from datetime import datetime, timedelta

import shapely
from geoalchemy2.shape import from_shape
from sqlalchemy import Engine, select, update

from gisgrid.audit.record import OPERATOR
from gisgrid.database import session_scope
from gisgrid.patrols.people import patroller_of
from gisgrid.patrols.plans.change_checkpoints import Standing, change_checkpoint, retire_checkpoint
from gisgrid.patrols.plans.present import rounds_of_day
from gisgrid.patrols.plans.tables import FormerCheckpoint
from gisgrid.patrols.plans.terms import Place
from gisgrid.patrols.tables import Checkpoint, Heartbeat
from tests.laid import COMMUNITY, ELSEWHERE, SPOT, STREET, SUBSTATION
from tests.patrols.plans.builders import DAY, QUAY, ZONE, after_nine
from tests.patrols.plans.worlds import (
    AWAY,
    EVENING,
    SETTINGS,
    a_walker,
    checkpoint_row,
    on_duty,
    planned,
    sight_in,
    states,
    walked,
)

NEARBY = (SPOT[0] + 0.0006, SPOT[1])
"""Some sixty metres east of the checkpoint, whose radius is fifty."""


def test_a_visit_in_its_time_does_a_round(town: Engine) -> None:
    offsets = {"00:00": -1, "03:00": 0, "06:00": 60, "09:00": 61, "12:00": 75, "15:00": 76}
    planned(town, at=tuple(offsets))
    walked(town, "P1", *(60 * (int(at[:2]) - 9) + minutes for at, minutes in offsets.items()))
    assert states(town) == ["missed", "done", "done", "done_late", "done_late", "missed"]


def test_who_was_elsewhere_or_does_not_count_has_not_been_there(town: Engine) -> None:
    planned(town)
    walked(town, "P1", 10, at=ELSEWHERE)
    walked(town, "P1", 20, at=NEARBY, accuracy_m=2.0)
    for number, standing in enumerate(("withheld", "quarantined", "evidence")):
        walked(town, "P1", 30 + number, standing=standing)
    assert states(town) == ["missed"]


def test_before_it_is_over_it_is_ahead_or_due(town: Engine) -> None:
    planned(town)
    found = [states(town, after_nine(minutes)) for minutes in (-1, 0, 75, 76)]
    assert found == [["ahead"], ["due"], ["due"], ["missed"]]


def test_a_cell_is_visited_by_whoever_is_located_in_it(town: Engine) -> None:
    planned(town, places=tuple(Place("cell", code) for code in (STREET, COMMUNITY, SUBSTATION, AWAY)))
    walked(town, "P1", 10)
    assert states(town) == ["done", "done", "done", "missed"]


def test_only_the_people_of_a_plan_do_its_rounds(town: Engine) -> None:
    zhang, li = a_walker(town, "zhang"), a_walker(town, "li")
    planned(town, by_anyone=False, people=("zhang",))
    walked(town, li, 10)
    walked(town, zhang, 100)
    assert states(town) == ["missed"]
    walked(town, zhang, 20)
    assert states(town) == ["done"]


# --- unconfirmed -----------------------------------------------------------------------------------


def test_while_a_named_person_s_device_has_told_nothing_it_is_unconfirmed(town: Engine) -> None:
    zhang = a_walker(town, "zhang")
    planned(town, by_anyone=False, people=("zhang",))
    walked(town, zhang, -60)
    day = 24 * 60
    assert [states(town, after_nine(minutes)) for minutes in (76, 75 + day, 76 + day)] == [
        ["unconfirmed"], ["unconfirmed"], ["missed"],
    ]  # fmt: skip
    assert states(town, after_nine(76 + 60), upload_grace_hours=1) == ["missed"]
    walked(town, zhang, 60, at=ELSEWHERE)  # until the round's end, from wherever
    assert states(town, after_nine(76)) == ["missed"]


def test_a_heartbeat_after_its_end_delivers_as_a_fix_does(town: Engine) -> None:
    zhang = a_walker(town, "zhang")
    on_duty(town, zhang, -60, 300)
    planned(town, by_anyone=False, people=("zhang",))
    for minutes, state in ((59, "unconfirmed"), (60, "missed")):
        with session_scope(town, write=True) as session:
            mine, beat = patroller_of(session, zhang).id, after_nine(minutes)
            session.add(Heartbeat(sender_id=mine, beat_at=beat, received_at=beat))
        assert states(town, after_nine(76)) == [state]


def test_all_of_several_people_are_awaited_and_those_who_never_walked_too(town: Engine) -> None:
    zhang, _ = a_walker(town, "zhang"), a_walker(town, "li")
    planned(town, by_anyone=False, people=("zhang", "li"))
    walked(town, zhang, 90, at=ELSEWHERE)
    assert states(town, after_nine(120)) == ["unconfirmed"]


ON_DUTY = {
    "00:00": (SUBSTATION, 0, 60, "unconfirmed"),
    "02:00": (None, 0, 60, "unconfirmed"),
    "04:00": (COMMUNITY, 74, 80, "unconfirmed"),
    "06:00": (AWAY, 0, 60, "missed"),  # on duty, and not there
    "08:00": (SUBSTATION, -30, 0, "missed"),
    "10:00": (SUBSTATION, 76, 80, "missed"),
}


def test_of_anybody_those_are_awaited_who_were_on_duty_there(town: Engine) -> None:
    planned(town, at=tuple(ON_DUTY))
    for at, (cell, start, end, _) in ON_DUTY.items():
        begin = 60 * (int(at[:2]) - 9)
        on_duty(town, a_walker(town, f"zhang{at}", cell), begin + start, begin + end)
    assert states(town) == [state for *_, state in ON_DUTY.values()]


def test_whoever_walks_in_a_station_is_awaited_for_its_community(town: Engine) -> None:
    on_duty(town, a_walker(town, "zhang", SUBSTATION), 0, 60)
    planned(town, places=(Place("cell", COMMUNITY), Place("cell", AWAY)))
    assert states(town, after_nine(120)) == ["unconfirmed", "missed"]


def test_a_clock_that_runs_ahead_neither_does_a_round_nor_delivers_for_it(town: Engine) -> None:
    zhang = a_walker(town, "zhang")
    planned(town, by_anyone=False, people=("zhang",))
    walked(town, zhang, 30, 70, arrived=-10)
    assert states(town, after_nine(90)) == ["unconfirmed"]
    walked(town, zhang, 200, arrived=40)  # measured within the hour, whatever its clock says
    assert states(town, after_nine(90)) == ["done"]


def test_what_arrives_late_corrects_a_miss(town: Engine) -> None:
    planned(town)
    assert states(town) == ["missed"]
    walked(town, "P1", 10, arrived=9 * 60)
    assert states(town) == ["done"]


# --- stays and codes -------------------------------------------------------------------------------


def asks(town: Engine, **values: object) -> None:
    with session_scope(town, write=True) as session:
        session.execute(update(Checkpoint).where(Checkpoint.code == "C1").values(**values))


def test_where_one_has_to_stay_whoever_left_has_not_stayed(town: Engine) -> None:
    asks(town, dwell_s=600)
    planned(town)
    walked(town, "P1", 10, 14, 18)
    assert states(town) == ["missed"]
    walked(town, "P1", 21)
    assert states(town) == ["done"]
    walked(town, "P1", 16, at=ELSEWHERE)  # far beyond the checkpoint, and yet it says that the stay was broken
    assert states(town) == ["missed"]


def test_where_a_code_is_asked_for_it_has_to_be_shown(town: Engine) -> None:
    asks(town, code_days=7, code_secret="ab" * 32)
    planned(town)
    walked(town, "P1", 10, proved_checkpoint_id=checkpoint_row(town, "C9"))
    assert states(town) == ["missed"]
    walked(town, "P1", 12, proved_checkpoint_id=checkpoint_row(town))
    assert states(town) == ["done"]


# --- checkpoints that change -----------------------------------------------------------------------


def until(town: Engine, moment: datetime) -> None:
    """Let what a checkpoint was before its last change have been so until a time."""
    with session_scope(town, write=True) as session:
        latest = session.scalars(select(FormerCheckpoint).order_by(FormerCheckpoint.id.desc())).first()
        assert latest
        latest.until = moment


def test_a_checkpoint_that_has_moved_undoes_no_round(town: Engine) -> None:
    planned(town, at=("09:00", "15:00"))
    walked(town, "P1", 10, 6 * 60 + 10)
    with session_scope(town, write=True) as session:
        change_checkpoint(session, ZONE, OPERATOR, Standing("C1", "新码头", *ELSEWHERE))
    until(town, after_nine(3 * 60))
    assert states(town) == ["done", "missed"]
    walked(town, "P1", 6 * 60 + 20, at=ELSEWHERE)
    assert states(town) == ["done", "done"]


def test_a_checkpoint_that_is_retired_has_no_more_rounds_and_those_before_stay(town: Engine) -> None:
    planned(town, at=("09:00", "15:00"), places=(QUAY, Place("checkpoint", "C9")))
    with session_scope(town, write=True) as session:
        retire_checkpoint(session, ZONE, OPERATOR, "C1")
    until(town, after_nine(1))
    assert states(town) == ["missed", "missed", "missed"]
    until(town, after_nine(-1))
    assert states(town) == ["missed", "missed"]


def test_random_rounds_of_tomorrow_are_not_drawn_yet(town: Engine) -> None:
    planned(town, windows=("08:00-20:00",), times_a_day=2)
    tomorrow = DAY + timedelta(days=1)
    assert states(town, EVENING, [tomorrow]) == []
    assert states(town, EVENING + timedelta(hours=6), [tomorrow]) == ["ahead", "ahead"]
    planned(town, at=("09:00",))
    assert states(town, EVENING, [tomorrow]) == ["ahead"]


def test_two_hundred_places_and_more_are_looked_at(town: Engine) -> None:
    """More than SQLite reads in one condition."""
    with session_scope(town, write=True) as session:
        for number in range(260):
            spot = from_shape(shapely.Point(SPOT[0] + number * 2e-6, SPOT[1]), srid=4326)
            session.add(Checkpoint(code=f"D{number}", name="x", radius_m=30, geometry=spot))
    for half in (range(130), range(130, 260)):
        planned(town, places=tuple(Place("checkpoint", f"D{number}") for number in half))
    walked(town, "P1", 10)
    found = states(town)
    assert (len(found), set(found)) == (260, {"done", "missed"})


def test_a_station_is_asked_about_the_rounds_at_its_places_alone(town: Engine) -> None:
    planned(town, places=(QUAY, Place("checkpoint", "C9"), Place("cell", STREET)))
    sights = {cell: sight_in(town, "station_staff", cell) for cell in (SUBSTATION, AWAY, STREET)}
    found = {}
    for cell, its in sights.items():
        with session_scope(town, sight=its) as session:
            rounds = rounds_of_day(session, SETTINGS, DAY, EVENING).rounds
            found[cell] = [each.place.code for each in rounds]
    assert found == {SUBSTATION: ["C1"], AWAY: ["C9"], STREET: [STREET, "C1", "C9"]}
