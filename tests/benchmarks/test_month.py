"""The walkers of a month are as many as is said, stay about the sample's street, and are the same again."""

from datetime import timedelta

import pandas as pd
import pytest

from gisgrid.grid.tables import LEVELS
from tests.benchmarks.month import EVERY_S, ZONE, Walked, days_of, sample_grid

WALKED = Walked(people=5, days=2, fixes=300)


def test_so_many_fixes_on_so_many_days() -> None:
    days = list(days_of(WALKED))
    assert sum(map(len, days)) == WALKED.count == 3000
    assert WALKED.period.end - WALKED.period.start == timedelta(days=2)
    for number, day in enumerate(days):
        assert set(day["fix_at"].dt.tz_convert(ZONE).dt.date) == {WALKED.first + timedelta(days=number)}
        assert day["fix_at"].is_monotonic_increasing
        assert day.groupby("patrol_id")["patroller_id"].nunique().tolist() == [1] * WALKED.people
        assert (day.groupby("patroller_id")["fix_at"].diff().dropna() == timedelta(seconds=EVERY_S)).all()
    assert not set(days[0]["patrol_id"]) & set(days[1]["patrol_id"])
    longest = Walked(people=1, days=1, fixes=3334)
    assert {moment.date() for (day,) in [days_of(longest)] for moment in day["fix_at"].dt.tz_convert(ZONE)} == {
        longest.first
    }


def test_they_walk_on_the_street_at_a_walking_pace() -> None:
    fixes = pd.concat(days_of(WALKED))
    assert fixes["street_code"].notna().mean() > 0.8
    assert fixes["substation_code"].nunique() >= 5
    assert (fixes["accuracy_m"] > 50).mean() < 0.01
    found = sample_grid().locate(fixes["longitude"], fixes["latitude"]).codes
    assert [fixes[f"{level}_code"].tolist() for level in LEVELS] == [found[:, column].tolist() for column in range(3)]
    far = fixes.groupby("patrol_id")[["longitude", "latitude"]].diff().abs().max() * 100_000
    assert (far < 100).all()


def test_a_day_is_the_same_however_many_are_asked_for() -> None:
    (first,) = days_of(Walked(people=5, days=1, fixes=300))
    pd.testing.assert_frame_equal(first, next(days_of(WALKED)))
    before = WALKED.before()
    assert before.period.end == WALKED.period.start
    with pytest.raises(AssertionError):
        pd.testing.assert_frame_equal(first, next(days_of(before)))
