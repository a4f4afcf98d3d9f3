"""Figures of sealed days: the sums of before, and nothing that cannot be known."""

import io
import json
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from rich.console import Console

from gisgrid.coverage import figures
from gisgrid.coverage.notes import runs
from gisgrid.coverage.report import coverage_report
from gisgrid.coverage.sealed import Sealed, sealed_in
from gisgrid.coverage.told.present import as_csv, as_geojson, as_table
from gisgrid.database import session_scope
from gisgrid.maps.pages import page
from gisgrid.pages.drawing.figures import coverage_map
from gisgrid.parameters import Period
from gisgrid.patrols.tables import Fix, SealedDay
from gisgrid.sight import Sight
from tests.coverage.worlds import cells, settle
from tests.privacy.worlds import NOW, TODAY, ground, noon, retain, walk

SHANGHAI = ZoneInfo("Asia/Shanghai")
SUMS = ("check_ins", "visits", "dwell_s")
AREAS = ("covered_area_m2", "coverage_ratio", "coverage_low", "coverage_high")


def ago(first, last, settings):
    """Return the period from one day so long ago to another."""
    return Period.last_days(first - last + 1, TODAY - timedelta(days=last), settings.zone)


def told(engine, settings, period, level="substation", **sight):
    with session_scope(engine, **sight) as session:
        return coverage_report(session, settings, level=level, period=period)


def table(report, *names):
    return {cell.code: tuple(getattr(cell, name) for name in names) for cell in report.cells}


@pytest.fixture
def walked(engine):
    """On a day that is soon sealed, six people in NW; on the next two one in SW; lately another there and in SE."""
    ground(engine)
    for number in range(6):
        walk(engine, 62, "NW", "NW", who=f"Q{number}")
    walk(engine, 61, "SW", "SE", "outside")
    walk(engine, 60, "SW", who="P2")
    walk(engine, 10, "SW", "SE")
    return engine


def of_sealed(report):
    """Return what is said of sealed days, but for rounds."""
    return [note for note in report.notes if "封存" in note.zh and "任务" not in note.zh]


def test_sums_are_the_same_before_and_after(walked, settings):
    period = ago(90, 0, settings)
    for level in ("street", "community", "substation"):
        assert table(told(walked, settings, period, level), *SUMS)
    before = [told(walked, settings, period, level) for level in ("street", "community", "substation")]
    retain(walked, settings)
    for report in before:
        after = told(walked, settings, period, report.level)
        assert table(after, *SUMS) == table(report, *SUMS)
        assert after.outside.check_ins == report.outside.check_ins == 1
        assert after.excluded.sealed == 16
        assert [each.name for each in after.definitions] == [each.name for each in report.definitions]


def test_people_outings_and_areas_are_of_the_days_that_are_not_sealed(walked, settings):
    retain(walked, settings)
    report = told(walked, settings, ago(90, 0, settings))
    lately = told(walked, settings, ago(59, 0, settings))
    names = ("patrollers", "patrols", *AREAS)
    assert table(report, *names) == table(lately, *names)
    assert table(report, "check_ins", "patrollers")["NW"] == (12, 0)
    assert (report.outside.patrollers, report.outside.patrols) == (0, 0)
    (note,) = of_sealed(report)
    assert "2026-09-19 – 2026-09-21" in note.zh
    assert "只计未封存的日子" in note.zh
    assert "not sealed" in note.en
    assert not any("封存" in note.zh for note in lately.notes)


def test_where_all_days_are_sealed_nothing_is_known_of_people_and_areas(walked, settings):
    retain(walked, settings)
    report = told(walked, settings, ago(62, 60, settings))
    assert set(table(report, "patrollers", "patrols", *AREAS).values()) == {(None,) * 6}
    assert table(report, "check_ins", "visits") == {"NE": (0, 0), "NW": (12, 6), "SE": (1, 1), "SW": (2, 2)}
    assert report.outside.model_dump() == {"check_ins": 1, "patrollers": None, "patrols": None, "quarantined": 0}
    assert all(cell.area_m2 for cell in report.cells)
    (note,) = of_sealed(report)
    assert "故为空" in note.zh


def test_a_single_sealed_day_keeps_its_areas_and_its_people_where_they_are_many(walked, settings):
    day = ago(62, 62, settings)
    before = told(walked, settings, day)
    retain(walked, settings)
    after = told(walked, settings, day)
    names = ("check_ins", "visits", "dwell_s", "patrollers", "patrols", "covered_area_m2", "coverage_ratio")
    assert table(after, *names) == table(before, *names)
    assert table(after, "patrollers", "patrols", "coverage_low")["NW"] == (6, 6, None)
    few = told(walked, settings, ago(61, 61, settings))
    assert table(few, "patrollers") == {"NE": (0,), "NW": (0,), "SE": (None,), "SW": (None,)}
    assert few.outside.model_dump() == {"check_ins": 1, "patrollers": None, "patrols": None, "quarantined": 0}
    assert after.excluded.sealed == 0
    with_empty_days = told(walked, settings, ago(99, 62, settings))
    assert table(with_empty_days, *names) == table(before, *names)


def test_a_part_of_a_sealed_day_is_not_made_up(walked, settings):
    retain(walked, settings)
    cut = Period(noon(61), noon(60))
    report = told(walked, settings, cut)
    assert table(report, "check_ins") == {"NE": (0,), "NW": (0,), "SE": (0,), "SW": (0,)}
    assert [("一部分" in note.zh, "2026-09-20 – 2026-09-21" in note.zh) for note in of_sealed(report)] == [(True, True)]


def test_cells_that_the_ground_no_longer_has_keep_their_sums(walked, settings):
    retain(walked, settings)
    with session_scope(walked, write=True) as session:
        settle(session, date(2026, 2, 1), cells().replace({"code": {"NW": "NW2"}}))
    report = told(walked, settings, ago(90, 0, settings))
    assert table(report, "name", "check_ins", "area_m2")["NW"] == ("NW", 12, None)
    assert table(report, "check_ins")["NW2"] == (0,)


def test_who_answers_for_some_cells_sees_their_sums_alone(walked, settings):
    retain(walked, settings)
    report = told(walked, settings, ago(90, 0, settings), sight=Sight(codes=frozenset({"NW"})))
    assert table(report, "check_ins") == {"NW": (12,)}
    assert (report.outside, report.excluded) == (None, None)


def test_every_form_says_the_same(walked, settings):
    retain(walked, settings)
    report = told(walked, settings, ago(62, 60, settings))
    sheet = as_csv(report).decode("utf-8-sig").splitlines()
    nw = next(line for line in sheet if line.startswith("NW,"))
    assert nw.split(",")[4:10] == ["12", "n/a", "n/a", "6", "360.0", "n/a"]
    assert any(line.startswith("# 已封存 sealed,16") for line in sheet)
    assert any(line.startswith("# 说明 note") and "故为空" in line for line in sheet)
    properties = [feature["properties"] for feature in json.loads(as_geojson(report, {}))["features"]]
    assert {each["code"]: (each["check_ins"], each["patrollers"]) for each in properties}["NW"] == (12, None)
    console = Console(width=170, file=io.StringIO())
    console.print(as_table(report))
    shown = console.file.getvalue()
    assert "故为空" in shown
    assert "nan" not in shown.lower()
    drawn = html(walked, settings, ago(62, 60, settings))
    assert "故为空" in drawn
    assert '["打卡 Check-ins","12"],["人员 Patrollers","n/a"]' in drawn


def html(engine, settings, period):
    with session_scope(engine) as session:
        return page(coverage_map(session, settings, period, "substation"))


def test_a_fix_that_is_left_over_of_a_sealed_day_does_not_count_twice(walked, settings):
    """As it is between the sealing of a long day and the end of its purge."""
    period = ago(90, 0, settings)
    retain(walked, settings)
    before = told(walked, settings, period)
    with session_scope(walked, write=True) as session:
        session.add(Fix(**{**left_over(session), "fix_at": noon(61), "client_id": "left over"}))
    assert told(walked, settings, period) == before
    retain(walked, settings)
    assert told(walked, settings, period) == before


def left_over(session):
    fix = session.query(Fix).first()
    return {name: getattr(fix, name) for name in (column.name for column in Fix.__table__.columns) if name != "id"}


def test_a_day_that_is_sealed_while_it_is_measured(walked, settings, monkeypatch):
    before = told(walked, settings, ago(90, 0, settings))
    measure, seen = figures._figures, []

    def slowly(session, *given):
        if not seen:
            seen.append(True)
            session.rollback()  # it reads on as of a later moment, as it may on a server
            retain(walked, settings)
        return measure(session, *given)

    monkeypatch.setattr(figures, "_figures", slowly)
    after = told(walked, settings, ago(90, 0, settings))
    assert table(after, *SUMS) == table(before, *SUMS)
    assert after.excluded.sealed == 16


@pytest.mark.parametrize(
    ("start", "end", "found"),
    [
        ("2026-09-19", "2026-09-21", Sealed((date(2026, 9, 19), date(2026, 9, 21)), (), True)),
        ("2026-09-19", "2026-09-22", Sealed((date(2026, 9, 19), date(2026, 9, 21)), (), False)),
        ("2026-09-20", "2026-09-20", Sealed()),
        ("2026-09-22", "2026-09-30", Sealed()),
        ("2026-09-19T00:00:01", "2026-09-21", Sealed((date(2026, 9, 21),), (date(2026, 9, 19),), True)),
        ("2026-09-21T08:00", "2026-09-21T08:00", Sealed((), (date(2026, 9, 21),), True)),
        ("2026-09-20", "2026-09-21T12:00", Sealed((), (date(2026, 9, 21),), True)),
    ],
)
def test_which_days_of_a_period_are_sealed(engine, start, end, found):
    days = (date(2026, 9, 19), date(2026, 9, 21))
    with session_scope(engine, write=True) as session:
        session.add_all(SealedDay(day=day, sealed_at=NOW, fixes=1) for day in days)
        session.flush()
        period = Period.parse(f"{start}/{end}", SHANGHAI)
        assert sealed_in(session, period, SHANGHAI) == found._replace(at=NOW if found.days else None)


def test_days_are_written_in_runs():
    days = [date(2026, 8, 30), date(2026, 8, 31), date(2026, 9, 1), date(2026, 9, 5)]
    assert runs(days) == "2026-08-30 – 2026-09-01, 2026-09-05"
    assert runs([]) == ""
