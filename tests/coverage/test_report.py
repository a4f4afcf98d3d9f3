import math
from datetime import UTC, date, datetime, timedelta

import pandas as pd
import pytest
from geoalchemy2.shape import from_shape
from sqlalchemy import delete, select

from gisgrid.coverage.ground.levels import Ground
from gisgrid.coverage.report import coverage_report, last_grid, recent
from gisgrid.coverage.schemas import CellFigures, CoverageReport, Excluded
from gisgrid.database import session_scope
from gisgrid.grid.locate import NoGrid, NoSuchCell
from gisgrid.grid.tables import LEVELS, PatrollableArea
from gisgrid.incidents.figures.figures import NotYourGround
from gisgrid.parameters import Period
from gisgrid.patrols.fixes import fixes_frame
from gisgrid.patrols.tables import Fix
from gisgrid.sight import Sight, seeing
from tests.coverage.worlds import NOON, box, cells, measure_all, on_earth, settle, stay, world

DAY = Period(NOON - timedelta(hours=12), NOON + timedelta(hours=12))


@pytest.fixture
def session(engine):
    with session_scope(engine, write=True) as session:
        yield session


@pytest.fixture
def settled(session):
    settle(session)
    return session


def of(report, name):
    return {cell.code: getattr(cell, name) for cell in report.cells if getattr(cell, name)}


def test_the_report_says_what_measuring_says(settled, settings):
    stay(settled, (0, 900, 500), (5, 1100, 500), (10, 1100, -100))
    stay(settled, (0, 300, 1300), (40, 300, 1300), patroller="P2", accuracy_m=99)
    for level in LEVELS:
        compare(settled, settings, level)


def compare(settled, settings, level):
    report = coverage_report(settled, settings, level=level, period=DAY)
    ground = Ground(world(), None, settings.metric_crs)
    found = measure_all((ground, fixes_frame(settled, DAY)), settings=settings)[level]
    for cell, row in zip(report.cells, found.cells.to_dict("records"), strict=True):
        told = cell.model_dump()
        for name in CellFigures.model_fields.keys() & row.keys():
            is_number = isinstance(row[name], int | float) and not math.isnan(row[name])
            assert told[name] == (pytest.approx(row[name], abs=0.051) if is_number else told_of(row[name])), name
    assert report.outside.model_dump(exclude={"quarantined"}) == found.outside
    assert found.outside == {"check_ins": 1, "patrollers": 1, "patrols": 1}
    assert report.excluded == Excluded(coarse=2, gcj02=1)
    assert (report.level, report.period.start, report.period.end) == (level, DAY.start, DAY.end)


def told_of(value):
    """Return what is told of a value that is no number: of one that is missing, nothing."""
    return None if pd.isna(value) else value


def test_every_figure_is_defined(settled, settings):
    report = coverage_report(settled, settings, period=DAY)
    names = {*CellFigures.model_fields, *Excluded.model_fields, "outside", "delivered_late"}
    assert {each.name for each in report.definitions} == names - {"code", "name", "level", "parent_code"}
    changed = settings.model_copy(update={"reach_m": 33.0, "visit_gap_s": 66 * 60.0, "band_gap_s": 99 * 60.0})
    words = " ".join(each.zh + each.en for each in coverage_report(settled, changed, period=DAY).definitions)
    assert all(words.count(number) >= 2 for number in ("33", "66", "99"))
    assert changed.reach_m == coverage_report(settled, changed, period=DAY).settings.reach_m


def test_an_empty_period_is_no_error(settled, settings):
    for period in (DAY, Period(NOON, NOON)):
        report = coverage_report(settled, settings, level="substation", period=period)
        assert [cell.code for cell in report.cells] == ["NE", "NW", "SE", "SW"]
        assert of(report, "check_ins") == of(report, "dwell_s") == of(report, "coverage_ratio") == {}
        assert report.outside.check_ins == 0


def test_no_grid_says_so(session, settings):
    with pytest.raises(NoGrid):
        coverage_report(session, settings, period=DAY)


def test_the_end_of_a_period_is_not_in_it(settled, settings):
    stay(settled, (0, 500, 500), (1, 500, 500), (2, 500, 500))
    halves = [
        Period(NOON, NOON + timedelta(minutes=1)),
        Period(NOON + timedelta(minutes=1), NOON + timedelta(minutes=9)),
    ]
    assert [of(coverage_report(settled, settings, period=half), "check_ins") for half in halves] == [{"S": 1}, {"S": 2}]


def test_periods_with_as_many_fixes_and_the_same_last_row_are_not_mixed_up(settled, settings):
    for minute, x in ((0, 500), (20, 1500), (10, 500)):
        stay(settled, (minute, x, 500))
    periods = [Period(NOON + timedelta(minutes=start), NOON + timedelta(minutes=start + 15)) for start in (0, 6)]
    reports = [coverage_report(settled, settings, level="substation", period=period) for period in periods]
    assert [of(report, "check_ins") for report in reports] == [{"SW": 2}, {"SE": 1, "SW": 1}]


def test_late_fixes_correct_the_report(settled, settings):
    stay(settled, (10, 500, 500), (20, 500, 500))
    assert of(coverage_report(settled, settings, period=DAY), "dwell_s") == {"S": 600}
    stay(settled, (0, 500, 500))
    assert of(coverage_report(settled, settings, period=DAY), "dwell_s") == {"S": 1200}
    settled.execute(delete(Fix).where(Fix.id == settled.scalar(select(Fix.id).order_by(Fix.id).limit(1))))
    assert of(coverage_report(settled, settings, period=DAY), "check_ins") == {"S": 2}


def test_a_mask_is_used_as_soon_as_it_is_there(settled, settings):
    stay(settled, (0, 500, 500))
    whole = coverage_report(settled, settings, level="substation", period=DAY)
    assert of(whole, "patrollable_area_m2") == of(whole, "area_m2")
    assert any("应巡范围" in note.zh for note in whole.notes)
    west = on_earth(box(0, 0, 500, 1000) | box(0, 1500, 10, 1510))
    settled.add(PatrollableArea(name="西", geometry=from_shape(west, srid=4326)))
    settled.flush()
    masked = coverage_report(settled, settings, level="substation", period=DAY)
    assert of(masked, "patrollable_area_m2") == {"SW": pytest.approx(5e5, abs=5), "NW": pytest.approx(100, abs=1)}
    assert of(masked, "covered_area_m2") == {"SW": pytest.approx(math.pi * 1250, abs=100)}
    assert {cell.code: cell.coverage_ratio for cell in masked.cells}["NE"] is None
    assert not any("应巡范围" in note.zh for note in masked.notes)


def test_below_a_parent(settled, settings):
    for level, parent, codes in (
        ("substation", "N", ["NE", "NW"]),
        ("substation", "X", ["NE", "NW", "SE", "SW"]),
        ("community", "X", ["N", "S"]),
        ("street", "X", []),
        ("community", "N", []),
    ):
        report = coverage_report(settled, settings, level=level, period=DAY, parent=parent)
        assert [cell.code for cell in report.cells] == codes
        assert report.parent == parent


def test_an_unknown_parent_is_told(settled, settings):
    with pytest.raises(NoSuchCell):
        coverage_report(settled, settings, period=DAY, parent="440307")


SEEN = {
    "SW": Sight(codes=frozenset({"SW"})),
    "N": Sight(codes=frozenset({"N", "NE", "NW"})),
    "nobody": Sight(),
}


@pytest.mark.parametrize(
    ("who", "level", "parent", "codes", "note"),
    [
        ("SW", "community", None, [], "在工作分站一级,请用 level=substation"),
        ("SW", "substation", None, ["SW"], None),
        ("SW", "substation", "SW", [], "在工作分站一级,请用 level=substation,不加 parent"),
        ("N", "street", None, [], "在社区、工作分站一级,请用 level=community"),
        ("N", "substation", "N", ["NE", "NW"], None),
        ("nobody", "all", None, [], "您没有负责的网格"),
    ],
)
def test_whoever_sees_no_cell_is_told_where_theirs_are(settled, settings, who, level, parent, codes, note):
    with seeing(settled, SEEN[who]):
        report = coverage_report(settled, settings, level=level, period=DAY, parent=parent)
    assert [cell.code for cell in report.cells] == codes
    told = [each.zh for each in report.notes if "负责" in each.zh]
    assert [note in each for each in told] == ([] if note is None else [True])


@pytest.mark.parametrize(("parent", "error"), [("N", NotYourGround), ("S", NotYourGround), ("440307", NoSuchCell)])
def test_a_parent_that_is_not_theirs_is_refused(settled, settings, parent, error):
    with seeing(settled, SEEN["SW"]), pytest.raises(error):
        coverage_report(settled, settings, level="all", period=DAY, parent=parent)


@pytest.mark.parametrize(
    ("period", "is_ahead"),
    [("2126-03-01/2126-03-31", True), ("2026-11-02/2026-11-02", False), ("2026-11-02T12:00/2026-11-02T12:00", False)],
)
def test_what_has_not_begun_is_told(settled, settings, period, is_ahead):
    report = coverage_report(settled, settings, period=Period.parse(period, settings.zone))
    assert ["尚未开始" in note.zh for note in report.notes].count(True) == is_ahead


def test_today_is_compared_with_yesterday_up_to_the_same_quarter_of_an_hour(settled, settings, monkeypatch):
    class Clock(datetime):
        """A little after three in the afternoon."""

        @classmethod
        def now(cls, tz=None):
            return (NOON + timedelta(hours=3, minutes=14)).astimezone(tz)

    monkeypatch.setattr("gisgrid.coverage.report.datetime", Clock)
    stay(settled, (0, 500, 500))
    for minute in (0, 179, 180):
        stay(settled, (minute, 500, 500), start=NOON - timedelta(days=1))
    report = coverage_report(settled, settings, level="street", period=DAY, is_compared=True)
    assert (report.before.start, report.before.end) == (
        DAY.start - timedelta(days=1),
        NOON - timedelta(days=1) + timedelta(hours=3),
    )
    assert [its[0].check_ins for its in (report.cells, report.cells_before)] == [1, 2]


def test_a_change_of_the_grid_within_the_period(settled, settings):
    """On the 3rd, SE becomes SE2; midnight is local: 2 November, 16:00 UTC."""
    midnight = datetime(2026, 11, 2, 16, tzinfo=UTC)
    later = cells().replace({"code": {"SE": "SE2"}})
    settle(settled, date(2026, 11, 3), later)
    stay(settled, (-11, 1500, 500), (-1, 1500, 500), (1, 1500, 500), (11, 1500, 500), start=midnight)
    both = Period(midnight - timedelta(hours=1), midnight + timedelta(hours=1))
    report = coverage_report(settled, settings, level="substation", period=both)
    assert of(report, "check_ins") == {"SE": 2, "SE2": 2}
    assert of(report, "visits") == {"SE": 1, "SE2": 1}
    assert of(report, "dwell_s") == {"SE": 600, "SE2": 600}
    gone = next(cell for cell in report.cells if cell.code == "SE")
    assert (gone.name, gone.area_m2, gone.coverage_ratio) == ("SE站", None, None)
    assert of(report, "coverage_ratio").keys() == {"SE2"}
    assert report.grid.first_day == date(2026, 11, 3)
    assert any("2026-11-03" in note.zh for note in report.notes)
    assert "SE" in of(coverage_report(settled, settings, level="substation", period=both, parent="S"), "check_ins")
    assert last_grid(settled, both, settings).cells["code"].tolist() == sorted(later["code"])
    before = coverage_report(settled, settings, level="substation", period=Period(both.start, midnight))
    assert of(before, "check_ins") == {"SE": 2}
    assert before.grid.first_day == date(2026, 1, 1)
    after = coverage_report(settled, settings, level="substation", period=Period(midnight, both.end))
    assert of(after, "check_ins") == {"SE2": 2}
    assert [cell.code for cell in after.cells] == ["NE", "NW", "SE2", "SW"]
    assert not any("2026-11-03" in note.zh for note in [*before.notes, *after.notes])


def test_a_grid_loaded_afterwards_for_days_gone_by_loses_no_check_in(settled, settings):
    stay(settled, (0, 1500, 500), (1, 500, 500))
    settle(settled, date(2026, 11, 1), cells().replace({"code": {"SE": "SE2"}}))
    report = coverage_report(settled, settings, level="substation", period=DAY)
    assert of(report, "check_ins") == {"SE": 1, "SW": 1}


def test_without_a_period_the_last_days_are_meant(settled, settings):
    now = datetime.now(UTC)
    stay(settled, (0, 500, 500), start=now)
    stay(settled, (0, 500, 500), start=now - timedelta(days=31))
    report = coverage_report(settled, settings)
    assert of(report, "check_ins") == {"S": 1}
    assert report.period.end - report.period.start == timedelta(days=30)
    assert (report.period.start.hour, report.period.start.utcoffset()) == (0, timedelta(hours=8))
    assert recent(1, settings).start <= now < recent(1, settings).end


def test_an_illustrative_grid_says_so(session, settings):
    settle(session, frame=cells().assign(is_illustrative=True))
    assert any("示意" in note.zh for note in coverage_report(session, settings, period=DAY).notes)


def test_the_report_survives_its_own_json(settled, settings):
    stay(settled, (0, 500, 500))
    report = coverage_report(settled, settings, period=DAY)
    assert CoverageReport.model_validate_json(report.model_dump_json()) == report
