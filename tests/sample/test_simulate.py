from datetime import date, datetime, timedelta
from functools import cache

import numpy as np
import pandas as pd
import pytest
import shapely
from pandas.testing import assert_frame_equal

from gisgrid.geometry import points_to_metric
from gisgrid.sample.cells import sample_cells
from gisgrid.sample.checkpoints import sample_checkpoints
from gisgrid.sample.figures import METRIC_CRS
from gisgrid.sample.patrollable import sample_mask
from gisgrid.sample.simulate import SHANGHAI, Simulation, arrived_by, simulate
from gisgrid.sample.ways import sample_ways
from tests.grid.builders import METRIC, nested_squares
from tests.sample.worlds import no_checkpoints

UNTIL = date(2026, 11, 22)


@cache
def month() -> Simulation:
    """What a user gets without asking for anything."""
    return simulate(sample_cells(), sample_mask(), sample_checkpoints(), sample_ways(), until=UNTIL)


def small(**changes: object) -> Simulation:
    asked = {"until": UNTIL, "days": 3, "metric_crs": METRIC, **changes}
    return simulate(nested_squares(), None, no_checkpoints(), None, **asked)


def local_days(moments: pd.Series) -> pd.Series:
    return moments.dt.tz_convert(SHANGHAI).dt.date


def assert_same(one: Simulation, other: Simulation) -> None:
    for name in ("patrollers", "patrols", "fixes", "incidents"):
        assert_frame_equal(getattr(one, name), getattr(other, name))


def test_columns() -> None:
    made = month()
    assert made.patrollers.columns.tolist() == ["ref", "name"]
    assert made.patrols.columns.tolist() == ["patroller_ref", "ref", "started_at", "ended_at"]
    assert made.fixes.columns.tolist() == [
        "client_id", "patroller_ref", "patroller_name", "patrol_ref", "fix_at", "received_at",
        "longitude", "latitude", "accuracy_m", "fault",
    ]  # fmt: skip
    for frame, column in ((made.fixes, "fix_at"), (made.incidents, "reported_at"), (made.patrols, "started_at")):
        assert str(frame[column].dtype) == "datetime64[us, UTC]"


def test_a_month_of_the_sample() -> None:
    made = month()
    assert len(made.patrollers) == 44
    assert 60_000 < len(made.fixes) < 120_000
    assert 22 * 30 * 0.9 < len(made.patrols) < 22 * 30 * 2
    assert 200 < len(made.incidents) < 500
    assert set(local_days(made.patrols["started_at"])) == {UNTIL - timedelta(days=back) for back in range(30)}
    assert set(made.fixes["patroller_ref"]) <= set(made.patrollers["ref"])


def test_most_right_fixes_lie_where_people_patrol() -> None:
    right = month().fixes[month().fixes["fault"].isna()]
    inside = shapely.contains_xy(sample_mask(), right["longitude"], right["latitude"])
    assert inside.mean() > 0.97


def test_every_substation_is_patrolled_and_not_all_alike() -> None:
    fixes, cells = month().fixes, sample_cells().query("level == 'substation'")
    count = [shapely.contains_xy(shape, fixes["longitude"], fixes["latitude"]).sum() for shape in cells.geometry]
    assert min(count) > 500
    assert max(count) > 2 * min(count)


def test_people_are_on_foot() -> None:
    fixes = month().fixes[month().fixes["fault"].isna()].drop_duplicates(["patroller_ref", "client_id"])
    fixes = fixes.sort_values(["patroller_ref", "fix_at"])
    x, y = points_to_metric(fixes["longitude"], fixes["latitude"], METRIC_CRS)
    same = (fixes["patrol_ref"] + fixes["patroller_ref"]).eq((fixes["patrol_ref"] + fixes["patroller_ref"]).shift())
    seconds = fixes["fix_at"].diff().dt.total_seconds().to_numpy()
    speed = np.hypot(np.diff(x, prepend=x[0]), np.diff(y, prepend=y[0])) / seconds
    steady = speed[same.to_numpy() & (seconds >= 20) & (seconds <= 90)]
    assert 0.7 < np.median(steady) < 1.5
    assert np.quantile(steady, 0.99) < 3
    gaps = seconds[same.to_numpy()]
    assert 25 < np.median(gaps) < 65
    assert (gaps > 600).sum() > 50


def test_few_fixes_are_late_doubled_or_wrong() -> None:
    fixes = month().fixes
    late = (fixes["received_at"] - fixes["fix_at"]).dt.total_seconds() > 3600
    assert 0.01 < late.mean() < 0.08
    assert 0.005 < fixes.duplicated(["patroller_ref", "client_id"]).mean() < 0.04
    assert set(fixes["fault"].dropna()) == {"teleport", "swapped", "zero", "gcj02"}
    assert 0.002 < fixes["fault"].notna().mean() < 0.02
    assert 0.01 < fixes["accuracy_m"].isna().mean() < 0.03


def test_a_fix_sent_twice_says_the_same_twice() -> None:
    fixes = month().fixes.drop(columns="received_at")
    doubled = fixes[fixes.duplicated(["patroller_ref", "client_id"], keep=False)]
    assert len(doubled.drop_duplicates()) == len(doubled.drop_duplicates(["patroller_ref", "client_id"]))


def test_fixes_come_in_the_order_of_their_arrival() -> None:
    fixes = small().fixes
    for _, day in fixes.groupby(fixes["patrol_ref"].str[:8]):
        assert day["received_at"].is_monotonic_increasing


def test_the_same_question_has_the_same_answer() -> None:
    assert_same(small(), small())


@pytest.mark.parametrize("change", [{"seed": 2}, {"until": UNTIL - timedelta(days=7)}])
def test_another_question_has_another(change: dict[str, object]) -> None:
    assert not np.array_equal(small().fixes["longitude"], small(**change).fixes["longitude"])


def test_a_longer_run_contains_the_shorter() -> None:
    short, long = small(days=3), small(days=6)
    for name in ("patrols", "fixes", "incidents"):
        part, whole = getattr(short, name), getattr(long, name)
        assert len(whole) > len(part) > 0
        assert_frame_equal(whole.tail(len(part)).reset_index(drop=True), part)


def test_a_larger_staff_contains_the_smaller() -> None:
    few, many = small(patrollers=4), small(patrollers=9)
    same = many.fixes[many.fixes["patroller_ref"].isin(few.patrollers["ref"])]
    assert len(many.fixes) > len(few.fixes) > 0
    assert_frame_equal(same.reset_index(drop=True), few.fixes)


def test_nobody_comes() -> None:
    made = small(patrollers=0)
    assert made.fixes.empty
    assert made.patrols.empty
    assert str(made.fixes["fix_at"].dtype) == "datetime64[us, UTC]"
    assert len(made.incidents) > 0


@pytest.mark.parametrize("hour", [0, 11, 23])
def test_by_a_moment_only_what_had_arrived_is_there(hour: int) -> None:
    whole, now = small(), datetime(2026, 11, 22, hour, tzinfo=SHANGHAI)
    made = arrived_by(now, whole)
    for name, columns in {"fixes": ["fix_at", "received_at"], "incidents": ["reported_at", "received_at"]}.items():
        all_rows, rows = getattr(whole, name), getattr(made, name)
        assert rows[columns].max().max() <= now
        late = all_rows[~all_rows["client_id"].isin(rows["client_id"])]
        assert (late["received_at"] > now).all()
    assert set(made.fixes["patrol_ref"]) <= set(made.patrols["ref"])
    assert made.patrols["ended_at"].max() <= now


def test_days_later_all_has_arrived() -> None:
    assert_same(arrived_by(datetime(2026, 11, 25, tzinfo=SHANGHAI), small()), small())
