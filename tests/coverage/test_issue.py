"""A report that was handed out is a revision once its figures have changed; what came later is counted."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from gisgrid.coverage.group import group_of_people
from gisgrid.coverage.issue import Issued, issue, revision_of
from gisgrid.coverage.report import coverage_report
from gisgrid.database import session_scope
from gisgrid.parameters import Period
from gisgrid.patrols.arrival.check_in import store_fixes
from gisgrid.sight import Sight
from tests.coverage.worlds import NOON, SETTINGS, settle, stay, stayed

PERIOD = Period.last_days(2, (NOON + timedelta(days=1)).date(), SETTINGS.zone)
HANDED_OUT = PERIOD.end + timedelta(hours=9)


@pytest.fixture
def walked(engine):
    with session_scope(engine, write=True) as session:
        settle(session)
        stay(session, (0, 500, 500), (10, 500, 500), patroller="P1")
        stay(session, (0, 1500, 500), patroller="P2")
    return engine


def told(engine, settings, *people, **sight):
    with session_scope(engine, **sight) as session:
        group = group_of_people(session, people) if people else None
        return coverage_report(session, settings, level="all", period=PERIOD, group=group)


def hand_out(engine, settings, *people, now=HANDED_OUT):
    """Hand a report out; return the number of its revision."""
    with session_scope(engine, write=True) as session:
        group = group_of_people(session, people) if people else None
        issue(session, coverage_report(session, settings, level="all", period=PERIOD, group=group), group, now)
        return revision_of(session, PERIOD, group).revision


def arrive(engine, received_at, minute=30, who="P1"):
    """Let a fix of the first day come at a later time."""
    with session_scope(engine, write=True) as session:
        frame = stayed((minute, 700, 700), patroller=who).assign(received_at=received_at)
        assert store_fixes(session, frame, SETTINGS)["stored"] == 1


def test_before_it_is_handed_out_a_report_has_no_number(walked, settings):
    report = told(walked, settings)
    assert (report.revision, report.delivered_late) == (None, None)


def test_handed_out_again_unchanged_it_is_no_revision(walked, settings):
    assert [hand_out(walked, settings, now=HANDED_OUT + timedelta(hours=hour)) for hour in range(3)] == [0, 0, 0]
    report = told(walked, settings)
    assert report.revision.model_dump() == {"number": 0, "first_made_at": HANDED_OUT}
    assert report.delivered_late == 0


def test_what_comes_late_makes_it_a_revision(walked, settings):
    arrive(walked, HANDED_OUT - timedelta(seconds=1))  # after its day, and in time for the report
    hand_out(walked, settings)
    assert told(walked, settings).delivered_late == 0
    arrive(walked, HANDED_OUT + timedelta(hours=1), 40)
    report = told(walked, settings)
    assert (report.revision.number, report.delivered_late) == (1, 1), "as it will be when it is handed out again"
    assert hand_out(walked, settings, now=HANDED_OUT + timedelta(hours=2)) == 1
    assert hand_out(walked, settings, now=HANDED_OUT + timedelta(hours=3)) == 1
    arrive(walked, HANDED_OUT + timedelta(hours=4), 50)
    assert hand_out(walked, settings, now=HANDED_OUT + timedelta(hours=5)) == 2
    report = told(walked, settings)
    assert (report.revision.number, report.revision.first_made_at, report.delivered_late) == (2, HANDED_OUT, 2)


def test_whoever_sees_some_cells_is_told_the_number_and_no_count(walked, settings):
    hand_out(walked, settings)
    report = told(walked, settings, sight=Sight(codes=frozenset({"SW"})))
    assert (report.revision.number, report.delivered_late) == (0, None)


def test_each_group_and_each_period_has_numbers_of_its_own(walked, settings):
    hand_out(walked, settings)
    assert hand_out(walked, settings, "P1") == hand_out(walked, settings, "P2") == 0
    arrive(walked, HANDED_OUT + timedelta(hours=1))
    assert [hand_out(walked, settings, *who) for who in ((), ("P1",), ("P2",))] == [1, 1, 0]
    assert [told(walked, settings, *who).delivered_late for who in ((), ("P1",), ("P2",))] == [1, 1, 0]
    with session_scope(walked) as session:
        assert revision_of(session, Period(PERIOD.start, PERIOD.end - timedelta(days=1)), None) is None
        group = group_of_people(session, ["P1", "P2"])
        assert revision_of(session, PERIOD, group) is None


def test_words_are_no_revision_and_figures_are(walked, settings):
    with session_scope(walked, write=True) as session:
        report = coverage_report(session, settings, level="all", period=PERIOD)
        other = report.model_copy(update={"notes": [], "definitions": [], "quarantined": 7})
        fewer = report.model_copy(update={"fingerprint": "of others"})
        numbers = []
        for each in (report, other, fewer, fewer, report):
            issue(session, each, None, HANDED_OUT)
            numbers.append(revision_of(session, PERIOD, None).revision)
    assert numbers == [0, 0, 1, 1, 2]


def test_what_arrives_the_moment_it_is_handed_out_is_late():
    first = datetime(2026, 11, 5, 1, 2, 3, 456789, UTC)
    moment = round(first.timestamp() * 1e6)
    arrived = np.array([moment - 1, moment, moment, moment + 1])
    assert Issued(first, 0, "").late(arrived) == 3
    assert Issued(first, 0, "").late(arrived[:0]) == 0
