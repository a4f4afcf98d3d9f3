"""`gisgrid draw …` on both databases; what it writes is opened in the browser by tests/maps."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest
from click.testing import Result
from sqlalchemy import Engine
from typer.testing import CliRunner

from gisgrid.cli import cli
from gisgrid.coverage.heat import TooFewDays
from gisgrid.coverage.report import TwoPeriods
from gisgrid.database import session_scope
from gisgrid.files import NotWritten
from gisgrid.grid.locate import NoGrid
from gisgrid.grid.points import NoSuchFolder
from gisgrid.incidents.report import store_incidents
from gisgrid.maps.drawings import NO_INCIDENTS
from gisgrid.pages.drawing.maps import NothingToDraw
from gisgrid.parameters import BadPeriod, Period
from gisgrid.patrols.people import patroller_ids
from gisgrid.patrols.reading import PurposeNeeded
from gisgrid.settings import Settings
from gisgrid.words import BadInput
from tests.maps.builders import HOSTILE, SOUTH, WEST, cells
from tests.pages.conftest import LONG_AGO, NOW, load, walk
from tests.rows import an_incident
from tests.staff.builders import audited

Draw = Callable[..., Result]
WHY = ("--purpose", "核查一条异议")


@pytest.fixture
def draw(engine: Engine, settings: Settings) -> Draw:
    """Run `gisgrid draw` in an installation where the small grid was walked."""
    load(engine, settings, cells(is_illustrative=True))
    walk(engine, settings)
    return runner(settings)


def runner(settings: Settings) -> Draw:
    environment = {"GISGRID_HOME": str(settings.home), "GISGRID_DATABASE_URL": settings.database_url}
    return lambda *options: CliRunner().invoke(cli, ["draw", *options], env=environment)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["grid"], ["葵涌街道网格图", "码头", "示意数据"]),
        (["coverage"], ["葵涌街道巡查到达率", "A0工作分站", "到达率 Coverage", "整个时段 Whole period"]),
        (["comparison"], ["葵涌街道到达率对比", "前 Before", "后 After"]),
        (["heat"], ["葵涌街道巡查热力图", "见到的天数 Days seen", '"squares":[[']),
        (["incidents"], ["葵涌街道事件分布", "公共治安 1", "消防安全 1", "盗窃"]),
        (["track", "--patroller", "张三", *WHY], ["巡查轨迹", "张三", "±5 m"]),
    ],
)
def test_each_map_is_written_into_maps(draw: Draw, settings: Settings, options: list[str], told: list[str]) -> None:
    answer = draw(*options)
    assert answer.exit_code == 0, answer.output
    path = settings.home / "maps" / f"{options[0]}.html"
    assert answer.stdout == f"{path}\n"
    text = path.read_text(encoding="utf-8")
    assert [word for word in told if word not in text] == []


@pytest.mark.parametrize(
    "name",
    [["coverage", "--days", "3"], ["comparison"], ["heat"], ["incidents"], ["track", "--patroller", "张三", *WHY]],
)
def test_the_same_database_gives_the_same_bytes(draw: Draw, tmp_path: Path, name: list[str]) -> None:
    paths = [tmp_path / "1.html", tmp_path / "2.html"]
    for path in paths:
        assert draw(*name, "-o", str(path)).exit_code == 0
    assert paths[0].read_bytes() == paths[1].read_bytes()


def test_all_maps_at_once(draw: Draw, engine: Engine, settings: Settings) -> None:
    names = ["heat", "grid", "coverage", "comparison", "incidents"]
    assert draw("all", "--days", "7").stdout == "".join(f"{settings.maps / name}.html\n" for name in names)
    assert isinstance(draw("all", "--days", "7", "--patroller", "张三").exception, PurposeNeeded)
    assert audited(engine, "track") == []
    assert draw("all", "--days", "7", "--patroller", "张三", *WHY).stdout.endswith("track.html\n")
    assert [entry.action for entry in audited(engine, "track")] == ["track.read"]


@pytest.mark.parametrize(
    ("options", "error"),
    [
        (["--days", "6"], TooFewDays),
        (["--days", "6", "--patroller", "张三", *WHY], TooFewDays),
        (["--patroller", "张三", "--purpose", "核查"], BadInput),
        (["--patroller", "李四", *WHY], NothingToDraw),
        (["--period", "2026-11-01", "--days", "7"], TwoPeriods),
        (["--period", "gestern"], BadPeriod),
    ],
)
def test_of_all_maps_none_is_written_when_one_is_refused(
    draw: Draw, engine: Engine, settings: Settings, options: list[str], error: type[Exception]
) -> None:
    assert isinstance(draw("all", *options).exception, error)
    assert not settings.maps.exists() or not any(settings.maps.iterdir())
    assert audited(engine, "track") == []


@pytest.mark.parametrize("options", [["comparison"], ["all"]])
def test_without_a_period_a_week_is_compared_with_the_week_before(
    draw: Draw, settings: Settings, options: list[str]
) -> None:
    assert draw(*options).exit_code == 0
    text = (settings.maps / "comparison.html").read_text(encoding="utf-8")
    week = Period.last_days(7, datetime.now(settings.zone).date(), settings.zone)
    assert f"后 After　{week.told(settings.zone)}" in text
    assert "上一时段没有打卡" not in text


@pytest.mark.parametrize(
    ("name", "note"),
    [
        ("coverage", "时段内没有打卡 / nobody checked in in the period"),
        ("comparison", "时段内没有打卡 / nobody checked in in the period"),
        ("heat", "时段内没有打卡 / nobody checked in in the period"),
        ("incidents", NO_INCIDENTS),
    ],
)
def test_a_map_with_nothing_on_it_says_so(draw: Draw, tmp_path: Path, name: str, note: str) -> None:
    path, day = tmp_path / "map.html", LONG_AGO.date()
    for period, is_told in (("2025-03-01/2025-03-07", True), (f"{day}/{NOW.date() + timedelta(days=1)}", False)):
        assert draw(name, "--period", period, "-o", str(path)).exit_code == 0
        assert (f"<li>{note}</li>" in path.read_text(encoding="utf-8")) == is_told


def test_a_period_is_by_days_or_by_ends(draw: Draw, tmp_path: Path) -> None:
    path = tmp_path / "map.html"
    draw("incidents", "--days", "3", "-o", str(path))
    assert "（1）" in path.read_text(encoding="utf-8")
    day = LONG_AGO.date()
    draw("incidents", "--period", f"{day}/{day}", "-o", str(path))
    assert f"{day} – {day}" in path.read_text(encoding="utf-8")


def test_a_map_is_passed_around_and_has_what_is_confidential_only_where_asked_for(
    draw: Draw, engine: Engine, settings: Settings, tmp_path: Path
) -> None:
    now = dict.fromkeys(("reported_at", "received_at"), pd.Timestamp(NOW))
    told = {"kind": ["L1001", "L1202"], "complained_department": [None, "police"], **now}
    with session_scope(engine, write=True) as session:
        frame = pd.DataFrame({**told, "longitude": WEST, "latitude": SOUTH})
        assert store_incidents(session, frame, settings)["stored"] == 2
    path = tmp_path / "map.html"
    for options, is_there in (([], False), (["--confidential"], True)):
        assert draw("incidents", "-o", str(path), *options).exit_code == 0
        text = path.read_text(encoding="utf-8")
        assert [word in text for word in ("盗窃", "家庭暴力", "投诉职能部门")] == [True, is_there, is_there]


def test_a_kind_that_is_in_no_edition_of_its_day_is_drawn_by_its_code(
    draw: Draw, engine: Engine, tmp_path: Path
) -> None:
    with session_scope(engine, write=True) as session:
        session.add(an_incident(9, kind="Z9999", reported_at=NOW, longitude=WEST, latitude=SOUTH))
    path = tmp_path / "map.html"
    assert draw("incidents", "-o", str(path)).exit_code == 0
    text = path.read_text(encoding="utf-8")
    assert "Z9999" in text
    assert "其他 1" in text


def test_the_level_shown_on_opening(draw: Draw, tmp_path: Path) -> None:
    texts = []
    for level in ("street", "substation"):
        path = tmp_path / f"{level}.html"
        assert draw("coverage", "--level", level, "-o", str(path)).exit_code == 0
        texts.append(path.read_text(encoding="utf-8"))
    assert texts[0] != texts[1]


@pytest.mark.parametrize(
    ("options", "error"),
    [
        (["track", "--patroller", "李四", *WHY], NothingToDraw),
        (["track", "--patroller", "张三", "--purpose", " why "], BadInput),
        (["coverage", "--period", "gestern"], BadPeriod),
        (["incidents", "--period", "2026-11-01", "--days", "3"], TwoPeriods),
        (["heat", "--days", "6"], TooFewDays),
        (["comparison", "--before", "gestern"], BadPeriod),
        (["grid", "-o", "nowhere/grid.html"], NoSuchFolder),
        (["grid", "-o", "/proc/grid.html"], NotWritten),
    ],
)
def test_mistakes_are_told(draw: Draw, options: list[str], error: type[Exception]) -> None:
    assert isinstance(draw(*options).exception, error)


def test_whose_track_is_drawn_and_what_for_is_on_record(draw: Draw, engine: Engine) -> None:
    assert draw("track", "--patroller", "张三").exit_code == 2
    draw("track", "--patroller", "李四", *WHY)
    assert audited(engine, "track") == []
    draw("track", "--patroller", "张三", *WHY)
    (entry,) = audited(engine, "track")
    with session_scope(engine) as session:
        row = patroller_ids(session, {"张三": ""})["张三"]
    assert entry == ("track.read", "operator", row, {"purpose": "核查一条异议"})


def test_without_a_grid_nothing_is_drawn(settings: Settings) -> None:
    assert isinstance(runner(settings)("grid").exception, NoGrid)
    assert not (settings.home / "maps").exists()


def test_a_hostile_name_is_no_path(engine: Engine, settings: Settings) -> None:
    load(engine, settings, cells(name="../../" + HOSTILE[0]))
    assert runner(settings)("grid").exit_code == 0
    assert [path.name for path in (settings.home / "maps").iterdir()] == ["grid.html"]
