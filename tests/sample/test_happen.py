from datetime import date
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
import shapely

from gisgrid.incidents.kinds.stored import starter
from gisgrid.sample.happen import happen, instants, occurrences, spots

DAY = date(2026, 11, 20)
ZONE = ZoneInfo("Asia/Shanghai")
PLACES = {"way": np.array([[0.0, 0.0], [1000.0, 0.0]]), "shore": np.array([[0.0, 9000.0]])}


def test_all_kinds_are_known_and_the_old_tallies_are_there() -> None:
    table = occurrences()
    assert set(table["kind"]) <= set(starter().kinds)
    classes = {starter().require(code).class_zh for code in table["kind"]}
    assert {"公共治安", "矛盾纠纷", "信访", "环境卫生", "消防安全", "安全生产", "出租屋管理", "人员救助"} <= classes
    assert set(table["place"]) == {"way", "shore"}
    assert (table["weight"] > 0).all()


def test_descriptions_name_nobody_and_no_number() -> None:
    table = occurrences()
    assert not table["description"].str.contains(r"\d|先生|女士|电话[::]|,").any()
    assert table["description"].str.len().between(8, 40).all()
    assert table["description"].is_unique


def test_a_day() -> None:
    columns, places = happen(DAY, 200.0, PLACES, ZONE, np.random.default_rng(1))
    count = len(places)
    assert 150 < count < 250
    assert all(len(column) == count for column in columns.values())
    assert len(set(columns["client_id"])) == count
    local = pd.DatetimeIndex(columns["reported_at"]).tz_localize("UTC").tz_convert(ZONE)
    assert set(local.date) == {DAY}
    assert local.is_monotonic_increasing
    assert ((local.hour >= 7) & (local.hour < 22)).mean() > 0.8
    assert (columns["received_at"] > columns["reported_at"]).all()


def test_what_happens_at_the_sea_happens_there() -> None:
    columns, places = happen(DAY, 500.0, PLACES, ZONE, np.random.default_rng(1))
    ashore = np.isin(columns["kind"], ["L0704", "L0803"])
    assert ashore.any()
    assert (places[ashore, 1] > 8000).all()
    assert (places[~ashore, 1] < 1000).all()


def test_without_a_shore_nothing_happens_at_the_sea() -> None:
    columns, _ = happen(DAY, 500.0, PLACES | {"shore": np.empty((0, 2))}, ZONE, np.random.default_rng(1))
    assert not {"L0704", "L0803"} & set(columns["kind"])


def test_a_quiet_day() -> None:
    columns, places = happen(DAY, 0.0, PLACES, ZONE, np.random.default_rng(1))
    assert places.shape == (0, 2)
    assert all(len(column) == 0 for column in columns.values())


@pytest.mark.parametrize(
    ("zone", "seconds", "moment"),
    [
        ("Asia/Shanghai", 0, "2026-11-19T16:00:00"),
        ("Asia/Shanghai", 30 * 3600, "2026-11-20T22:00:00"),
        ("UTC", 61, "2026-11-20T00:01:01"),
    ],
)
def test_instants(zone: str, seconds: int, moment: str) -> None:
    found = instants(DAY, np.array([float(seconds)]), ZoneInfo(zone))
    assert found.dtype == "datetime64[us]"
    assert found[0] == np.datetime64(moment)


def test_spots_lie_along_the_lines() -> None:
    found = spots(np.array([shapely.LineString([(0, 0), (400, 0)])]))
    assert found[:, 0].max() == 400
    assert np.diff(np.sort(found[:, 0])).max() <= 40
