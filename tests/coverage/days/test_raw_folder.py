"""Which files of a folder are days, and that they belong together and to this installation."""

from datetime import date

import pytest

from gisgrid.coverage.days.find import GroundOn, Part
from gisgrid.coverage.days.raw import raw_file
from gisgrid.coverage.days.raw_folder import ForeignDays, file_name, raw_days, raw_files
from gisgrid.coverage.ground.levels import Ground
from gisgrid.grid.points import NoSuchFile
from gisgrid.parameters import Period
from tests.coverage.days.test_raw import ABOUT, BEAT, FIX, table
from tests.coverage.worlds import SETTINGS, world

DAY, NEXT = date(2026, 11, 2), date(2026, 11, 3)


def part(day):
    ground = Ground(world(), None, SETTINGS.metric_crs)
    return Part(day, Period.last_days(1, day, SETTINGS.zone), True, GroundOn(day, ground, "x"), 1)


def write(folder, day, *rows, **about):
    told = ABOUT._replace(**{"day": day, **about})
    (folder / file_name(day)).write_bytes(raw_file(told, table(*rows)))


def test_files_are_found_by_their_names(tmp_path):
    for name in (
        "fixes-2026-11-03.parquet",
        "fixes-2026-11-02.parquet",
        "fixes-2026-13-01.parquet",
        "fixes-2026-11-02.parquet.bak",
        ".part-fixes-2026-11-01.parquet",
        "notes.txt",
    ):
        (tmp_path / name).touch()
    assert list(raw_files(tmp_path)) == [DAY, NEXT]
    assert raw_files(tmp_path / "none") == {}


def test_days_that_have_a_file(tmp_path):
    write(tmp_path, DAY, FIX, BEAT)
    found = raw_days(tmp_path, SETTINGS, [part(DAY), part(NEXT)])
    assert list(found) == [DAY]
    assert found[DAY].presence["check_ins"].tolist() == [1]


def test_a_folder_without_days(tmp_path):
    with pytest.raises(NoSuchFile, match="fixes-YYYY-MM-DD"):
        raw_days(tmp_path, SETTINGS, [part(DAY)])


def later(row):
    return {**row, "at": row["at"].replace(day=3)}


def test_a_file_under_the_name_of_another_day(tmp_path):
    write(tmp_path, DAY, FIX)
    (tmp_path / file_name(DAY)).rename(tmp_path / file_name(NEXT))
    with pytest.raises(ForeignDays, match="2026-11-02"):
        raw_days(tmp_path, SETTINGS, [part(NEXT)])


def test_a_file_of_another_zone(tmp_path):
    write(tmp_path, DAY, FIX, timezone="Asia/Tokyo")
    with pytest.raises(ForeignDays, match="Asia/Tokyo"):
        raw_days(tmp_path, SETTINGS, [part(DAY)])


def test_files_of_two_installations(tmp_path):
    write(tmp_path, DAY, FIX)
    write(tmp_path, NEXT, later({**FIX, "patroller": "李四"}))
    with pytest.raises(ForeignDays, match="person 3 is both 张三 and 李四"):
        raw_days(tmp_path, SETTINGS, [part(DAY), part(NEXT)])
