"""Files of raw days tell what the database told, follow it, and are gone when it lets go."""

import json
import stat
from datetime import date, timedelta

import pandas as pd
import pyarrow.parquet as pq
import pytest
from sqlalchemy import delete, select, update

from gisgrid.audit.record import OPERATOR
from gisgrid.coverage.days.raw import KEY
from gisgrid.coverage.days.raw_folder import file_name, raw_files
from gisgrid.coverage.figures import measured
from gisgrid.coverage.group import Group
from gisgrid.coverage.report import coverage_report
from gisgrid.database import session_scope
from gisgrid.grid.locate import grid_on
from gisgrid.parameters import Period
from gisgrid.patrols.judge import Flag
from gisgrid.patrols.tables import Fix, Heartbeat, Patroller, Shift
from gisgrid.privacy import raw_days as module
from gisgrid.privacy.erase import erase
from gisgrid.privacy.raw_days import drop_raw_days, follow_raw_days, keep_raw_days, raw_days_of
from gisgrid.privacy.rules import delete_fixes
from gisgrid.sample.checkpoints import sample_checkpoints
from gisgrid.sample.load import load_sample
from gisgrid.sample.phone import HARD
from gisgrid.sample.simulate import simulate
from gisgrid.sample.store import store_simulation
from gisgrid.sample.ways import sample_ways
from gisgrid.settings import Settings
from tests.privacy.worlds import NOW, TODAY, ground, noon, patroller, retain, stand, walk
from tests.staff.builders import audited

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


def ago(days):
    return TODAY - days * DAY


def keep(engine, settings, *span):
    return dict(keep_raw_days(engine, settings, NOW, *span))


def told(settings):
    return list(raw_files(settings.raw_days))


@pytest.fixture
def walked(engine):
    ground(engine)
    walk(engine, 5, "SW", "SE", who="P1")
    walk(engine, 5, "NW", who="P2")
    walk(engine, 4, "NE", "outside", who="P2")
    walk(engine, 0, "SW")
    return engine


# --- what is written ------------------------------------------------------------------------------


def test_days_that_are_over_are_written_for_their_owner_alone(walked, settings):
    assert keep(walked, settings) == {"written": 2, "same": 3, "dropped": 0}
    assert told(settings) == [ago(5), ago(4)]
    modes = [stat.S_IMODE(path.stat().st_mode) for path in (settings.raw_days, *settings.raw_days.iterdir())]
    assert modes == [0o700, 0o600, 0o600]
    entries = audited(walked, "raw_day.kept")
    assert [(entry.detail["day"], entry.detail["fixes"]) for entry in entries] == [
        (ago(5).isoformat(), 3),
        (ago(4).isoformat(), 2),
    ]


def test_only_what_has_changed_is_written_again(walked, settings):
    keep(walked, settings)
    walk(walked, 4, "SW", who="P3")
    assert keep(walked, settings) == {"written": 1, "same": 4, "dropped": 0}
    frame = pd.read_parquet(settings.raw_days / file_name(ago(4)), columns=["patroller", "substation_code"])
    assert sorted(frame["patroller"]) == ["P2", "P2", "P3"]
    assert frame["substation_code"].isna().sum() == 1


def test_some_days_alone(walked, settings):
    assert keep(walked, settings, ago(4), ago(4))["written"] == 1
    assert told(settings) == [ago(4)]
    assert keep(walked, settings, ago(3), ago(9)) == {"written": 0, "same": 0, "dropped": 0}


def test_nothing_is_written_where_nothing_is_known(engine, settings):
    assert keep(engine, settings) == {"written": 0, "same": 0, "dropped": 0}
    assert not settings.raw_days.exists()


@pytest.mark.parametrize("is_wanted", [False, True])
def test_the_service_writes_only_where_it_is_told_to(walked, settings, is_wanted):
    wanted = settings.model_copy(update={"keep_raw_days": is_wanted})
    follow_raw_days(walked, wanted, NOW)
    assert told(settings) == ([ago(5), ago(4)] if is_wanted else [])


def test_a_damaged_file_is_written_anew(walked, settings):
    keep(walked, settings)
    (settings.raw_days / file_name(ago(5))).write_bytes(b"PAR1")
    assert keep(walked, settings)["written"] == 1


def test_a_write_that_fails_leaves_the_file_as_it_was(walked, settings, monkeypatch):
    keep(walked, settings)
    walk(walked, 4, "SW", who="P3")
    before = (settings.raw_days / file_name(ago(4))).read_bytes()
    monkeypatch.setattr(module, "record", lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        keep(walked, settings)
    assert (settings.raw_days / file_name(ago(4))).read_bytes() == before
    assert len(list(settings.raw_days.iterdir())) == 2


# --- no longer than the database ------------------------------------------------------------------


def test_a_day_that_is_sealed_has_no_file_after_the_same_run(engine, settings):
    ground(engine)
    walk(engine, 59, "SW")
    walk(engine, 58, "SE")
    keep(engine, settings)
    assert told(settings) == [ago(59), ago(58)]
    (settings.raw_days / f".part-{file_name(ago(59))}").write_bytes(b"cut off")
    retain(engine, settings, DAY)
    assert told(settings) == [ago(58)]
    assert len(list(settings.raw_days.iterdir())) == 1
    assert [entry.detail["day"] for entry in audited(engine, "raw_day.dropped")] == [ago(59).isoformat()]
    assert keep_raw_days(engine, settings, NOW)["written"] == 0, "a sealed day does not come back"


def test_a_file_that_is_put_back_goes_again(walked, settings):
    keep(walked, settings)
    some = settings.raw_days / file_name(ago(5))
    for day in (ago(60), ago(0)):
        (settings.raw_days / file_name(day)).write_bytes(some.read_bytes())
    assert drop_raw_days(walked, settings, NOW) == 2
    assert told(settings) == [ago(5), ago(4)]


def test_whoever_is_erased_leaves_the_files(walked, settings):
    keep(walked, settings)
    assert raw_days_of(settings, "P1") == [file_name(ago(5))]
    assert raw_days_of(settings, "P2") == [file_name(ago(5)), file_name(ago(4))]
    erase(walked, OPERATOR, patroller="P2")
    assert dict(follow_raw_days(walked, settings, NOW)) == {"written": 1, "same": 0, "dropped": 1}
    assert raw_days_of(settings, "P2") == []
    assert raw_days_of(settings, "P1") == [file_name(ago(5))]
    assert not any(b"P2" in path.read_bytes() for path in settings.raw_days.iterdir())


def test_what_does_not_count_any_more_leaves_the_files(walked, settings):
    keep(walked, settings)
    stand(walked, "quarantined")
    assert follow_raw_days(walked, settings, NOW)["dropped"] == 2
    assert told(settings) == []


# --- what is reported -----------------------------------------------------------------------------


def carry(engine, day):
    """Let everybody who walked on a day be on duty, with a heartbeat each half an hour; some fixes are doubtful."""
    begin = Period.last_days(1, day, Settings().zone).start
    with session_scope(engine, write=True) as session:
        for who in session.scalars(select(Patroller.id)).all():
            times = {"started_at": begin + HOUR, "ended_at": begin + 23 * HOUR, "signed_on_at": begin}
            session.add(Shift(patroller_id=who, **times))
            for half in range(2, 46):
                moment = begin + half * HOUR / 2
                session.add(Heartbeat(sender_id=who, beat_at=moment, received_at=moment))
        for number, flags in enumerate((Flag.MOCK, Flag.FROZEN | Flag.OLD, Flag.GCJ02, Flag.COARSE)):
            session.execute(update(Fix).where(Fix.id % 97 == number).values(flags=int(flags)))
        session.execute(update(Fix).where(Fix.id % 97 == 50).values(received_at=begin + 30 * HOUR))


def let_fixes_go(engine):
    with session_scope(engine, write=True) as session:
        delete_fixes(session, session.scalars(select(Fix.id)).all())
        session.execute(delete(Heartbeat))


def figures(engine, settings, period, raw=None, group=None):
    with session_scope(engine) as session:
        return measured(session, settings, period, group, raw=raw).figures


def same(one, other):
    assert one.keys() == other.keys()
    for level, found in one.items():
        pd.testing.assert_frame_equal(found.cells, other[level].cells, check_exact=True)
        assert (found.outside, found.excluded) == (other[level].outside, other[level].excluded)
        assert found.late_us.tolist() == other[level].late_us.tolist()
    return True


@pytest.fixture
def sample(engine, settings):
    with session_scope(engine, write=True) as session:
        load_sample(session, settings.metric_crs)
    with session_scope(engine) as session:
        cells = grid_on(session, ago(1)).cells
    made = simulate(cells, None, sample_checkpoints(), sample_ways(), until=ago(1), days=1, patrollers=3, habits=HARD)
    store_simulation(engine, made, settings)
    carry(engine, ago(1))
    return engine


def test_the_sample_gives_the_very_same_figures_from_files(sample, settings):
    whole = Period.last_days(2, ago(1), settings.zone)
    cut = Period(whole.start + 33 * HOUR + timedelta(seconds=7), whole.end - 10 * HOUR)
    with session_scope(sample) as session:
        some = Group("people", "some", frozenset(session.scalars(select(Patroller.id).limit(2))))
    asked = ((whole, None), (cut, None), (whole, some))
    before = [figures(sample, settings, period, group=group) for period, group in asked]
    keep(sample, settings)
    let_fixes_go(sample)
    for found, (period, group) in zip(before, asked, strict=True):
        assert same(figures(sample, settings, period, settings.raw_days, group), found)
        assert found["substation"].cells["check_ins"].sum() > 0
    assert figures(sample, settings, whole)["street"].cells["check_ins"].sum() == 0
    excluded = before[0]["street"].excluded
    assert all(excluded[name] for name in ("mock", "frozen", "gcj02"))
    assert len(before[0]["street"].late_us)
    held = pq.read_table(settings.raw_days / file_name(ago(1)), columns=["kind"])["kind"].to_pylist()
    assert {*held} == {"fix", "heartbeat"}


def test_heartbeats_are_in_the_files(engine, settings):
    """One who stays for hours and whose phone only beats is there all the time."""
    ground(engine)
    walk(engine, 3, "SW")
    with session_scope(engine, write=True) as session:
        who = session.scalars(select(Patroller.id)).one()
        session.add(Shift(patroller_id=who, started_at=noon(3), ended_at=noon(3) + 4 * HOUR, signed_on_at=noon(3)))
        for number in range(8):
            moment = noon(3) + number * HOUR / 3
            session.add(Heartbeat(sender_id=who, beat_at=moment, received_at=moment))
    with session_scope(engine, write=True) as session:
        fix = session.scalars(select(Fix)).one()
        own = {column.name: getattr(fix, column.name) for column in Fix.__table__.columns if column.name != "id"}
        session.add(Fix(**{**own, "client_id": "later", "fix_at": noon(3) + 2 * HOUR}))
    day = Period.last_days(1, ago(3), settings.zone)
    before = figures(engine, settings, day)
    assert before["substation"].cells.set_index("code")["dwell_s"]["SW"] == 7200
    keep(engine, settings)
    let_fixes_go(engine)
    assert same(figures(engine, settings, day, settings.raw_days), before)


def test_the_report_says_what_it_is_told_from(walked, settings):
    period = Period.last_days(4, ago(3), settings.zone)
    with session_scope(walked) as session:
        before = coverage_report(session, settings, level="all", period=period)
    keep(walked, settings)
    let_fixes_go(walked)
    with session_scope(walked) as session:
        after = coverage_report(session, settings, level="all", period=period, raw=settings.raw_days)
    rounds = {name: None for name in type(after.cells[0]).model_fields if name.startswith(("rounds", "open_gaps"))}
    rounds["quarantined"] = None
    assert after.cells == [cell.model_copy(update=rounds) for cell in before.cells]
    outside = before.outside.model_copy(update={"quarantined": None})
    assert (after.outside, after.excluded, after.quarantined) == (outside, before.excluded, None)
    (source, missing) = [note for note in after.notes if "文件" in note.zh]
    assert "原始数据文件" in source.zh
    assert missing.zh.endswith(f"{ago(6)}, {ago(3)}")
    assert not [note for note in before.notes if "文件" in note.zh]


def test_a_file_tells_its_day(walked, settings):
    keep(walked, settings)
    told = json.loads(pq.read_schema(settings.raw_days / file_name(ago(5))).metadata[KEY])
    assert (told["day"], told["timezone"]) == (ago(5).isoformat(), "Asia/Shanghai")
    assert date.fromisoformat(told["day"]) < TODAY
    assert patroller(walked, "P1")
