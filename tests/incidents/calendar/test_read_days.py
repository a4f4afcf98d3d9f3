"""Tables of days as people write them, and what is wrong with them."""

import re
from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gisgrid.incidents.calendar.read_days import LARGEST_BYTES, BadCalendar, Day, read_days, starter_days

OFF = Day(date(2027, 10, 1), False, "国庆节")
WORKED = Day(date(2027, 10, 9), True)


@pytest.mark.parametrize(
    "lines",
    [
        "2027-10-01,休,国庆节\n2027-10-09,班",
        "# 来源:通知\r\nday,working,name\r\n\r\n2027/10/1,0,国庆节\r\n2027/10/9,1,\r\n,,\r\n",
        "日期,休/班,名称\n2027年10月1日,放假,国庆节\n2027年10月9日,上班,",
        "20271001 holiday 国庆节\n20271009 Working",
        "2027.10.1\tfalse\t国庆节\n2027.10.9\tTRUE",
        '"2027-10-09","班",""\n"2027-10-01","休","国庆节"',
        "2027-10-01;休;国庆节\n2027-10-09;班;",
        "2027-10-01\uff0c休\uff0c国庆节\n2027-10-09\uff0c班",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_table_is_read_as_it_is_written(lines: str, encoding: str) -> None:
    assert read_days(lines.encode(encoding)) == [OFF, WORKED]


def test_all_faults_are_told_at_once_with_their_lines() -> None:
    lines = (
        "2027-10-01,休,国庆节",
        "2027-02-29,休,",
        "国庆,休,",
        "2027-10-02,调休,",
        "2027-10-01,班,",
        "2027-10-03",
        f"2027-10-04,休,{'长' * 61}",
        "2027-10-05,休,国庆节,第五天",
        "day,working,name",
    )
    with pytest.raises(BadCalendar) as refused:
        read_days("\n".join(lines).encode())
    for text, word in ((refused.value.zh, "第 (\\d+) 行"), (refused.value.en, "line (\\d+) ")):
        assert re.findall(word, text) == ["2", "3", "4", "5", "6", "7", "8", "9"]
    assert "2027-10-01 前面已有" in refused.value.zh


def test_of_very_many_faults_some_are_written_out() -> None:
    with pytest.raises(BadCalendar, match=r"另有 60 处.*and 60 more"):
        read_days(b"nonsense\n" * 100)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "没有日期"),
        (b"day,working,name\n# nothing", "没有日期"),
        (b"\xff\xff\xff", "GB18030"),
        (b"\n" * (LARGEST_BYTES + 1), "太大"),
        ("2027-10-01,休,国\0庆".encode(), "第 1 行"),
        (b'"2027-10-01,' + b"1" * 200_000, "第 1 行"),
    ],
)
def test_what_is_no_table_is_told(content: bytes, words: str) -> None:
    with pytest.raises(BadCalendar, match=words):
        read_days(content)


@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode(errors="replace")))
def test_whatever_is_handed_in_is_read_or_told(content: bytes) -> None:
    with suppress(BadCalendar):
        assert read_days(content)


@pytest.mark.parametrize(
    ("year", "off", "make_up"),
    [
        # 2025: 1 + 8 + 3 + 5 + 3 + 8 days off; 2026: 3 + 9 + 3 + 5 + 3 + 3 + 7
        (2025, 28, ["01-26", "02-08", "04-27", "09-28", "10-11"]),
        (2026, 33, ["01-04", "02-14", "02-28", "05-09", "09-20", "10-10"]),
    ],
)
def test_what_is_shipped_is_what_the_notices_say(year: int, off: int, make_up: list[str]) -> None:
    days = [each for each in starter_days() if each.day.year == year]
    assert [f"{each.day:%m-%d}" for each in days if each.is_working] == make_up
    assert sum(not each.is_working for each in days) == off
    assert all(each.day.weekday() > 4 for each in days if each.is_working)
    # by the law there are 13 days off: all others are taken from weekends, or made up for
    weekdays_off = sum(not each.is_working and each.day.weekday() < 5 for each in days)
    weekends_off = off - weekdays_off
    assert weekdays_off - len(make_up) <= 13
    assert weekends_off > 0
