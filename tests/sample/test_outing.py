from datetime import date, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from gisgrid.sample.outing import outing, person
from gisgrid.sample.scene import Scene, lay_out
from tests.grid.builders import METRIC, nested_squares
from tests.sample.worlds import no_checkpoints

FRIDAY = date(2026, 11, 20)
ZONE = ZoneInfo("Asia/Shanghai")


@cache
def scene() -> Scene:
    return lay_out(nested_squares(), None, no_checkpoints(), None, ZONE, METRIC, 1)


def outings(days: list[date]) -> list[dict[str, np.ndarray]]:
    made = [outing(scene(), day, number) for day in days for number in range(12)]
    return [each[0] for each in made if each]


def test_people_have_numbers_for_names() -> None:
    assert [person(number) for number in (0, 99)] == [("sim-01", "巡逻员01"), ("sim-100", "巡逻员100")]


def test_day_and_evening_shifts() -> None:
    for number, name, hours in ((0, "day", (8.5, 15)), (6, "evening", (19, 20.5))):
        made = [outing(scene(), FRIDAY - timedelta(days=back), number) for back in range(60)]
        patrols = [each[0] for each in made if each]
        assert len(patrols) > 10
        start = pd.DatetimeIndex(np.concatenate([each["started_at"] for each in patrols])).tz_localize("UTC")
        local = start.tz_convert(ZONE)
        hour = local.hour + local.minute / 60
        assert hour.min() >= hours[0]
        assert hour.max() < hours[1]
        assert all(each["ref"][0].endswith(name) for each in patrols)


def test_fewer_people_come_at_weekends() -> None:
    weeks = [FRIDAY - timedelta(days=7 * week) for week in range(12)]
    on_fridays, on_saturdays = outings(weeks), outings([day + timedelta(days=1) for day in weeks])
    assert len(on_saturdays) < 0.85 * len(on_fridays)


def test_some_people_come_more_often_than_others() -> None:
    days = [FRIDAY - timedelta(days=back) for back in range(40)]
    came = pd.Series([each["patroller_ref"][0] for each in outings(days)]).value_counts()
    assert came.max() > 1.3 * came.min()


def test_fixes_lie_within_the_outing() -> None:
    patrol, fixes = next(made for number in range(12) if (made := outing(scene(), FRIDAY, number)))
    assert (fixes["fix_at"] >= patrol["started_at"]).all()
    assert (fixes["fix_at"] <= patrol["ended_at"]).all()
    assert (fixes["received_at"] > fixes["fix_at"]).all()
