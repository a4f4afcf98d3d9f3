"""Reading a table of holidays and make-up days: a day, whether it is worked, its name, on each line. Pure.

Lines as people write them are understood, and all that are not are told at once, by their numbers.
"""

import csv
import re
import unicodedata
from collections.abc import Iterator
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Final, NamedTuple

from gisgrid.errors import Refused
from gisgrid.parse import CONTROL

ENCODINGS: Final = ("utf-8-sig", "gb18030")
LARGEST_BYTES: Final = 1_000_000
LONGEST_NAME: Final = 60
LONGEST_LINE: Final = 1000
SHOWN: Final = 40
"""Faults that are written out; of more, their number."""

DAY: Final = re.compile(r"(\d{4})(?:([-/.])(\d{1,2})\2(\d{1,2})|年(\d{1,2})月(\d{1,2})日|(\d\d)(\d\d))")
WORKING: Final = {
    **dict.fromkeys(("班", "上班", "补班", "调休上班", "工作日", "工作", "是", "1", "true", "yes", "y"), True),
    **dict.fromkeys(("work", "working", "workday", "make-up"), True),
    **dict.fromkeys(("休", "休息", "放假", "假", "假日", "节假日", "否", "0", "false", "no", "n"), False),
    **dict.fromkeys(("holiday", "off", "rest", "not working"), False),
}
"""What is written of a day that is worked, and of one that is not. 调休 alone is said of both."""
HEADS: Final = ("day", "date", "日期", "日子", "天")
WORKING_HEADS: Final = ("working", "is_working", "workday", "休班", "班休", "休/班", "是否上班", "是否工作日", "上班")

Words = tuple[str, str]


class BadCalendar(Refused):
    """A table of days that cannot be used, with all that is wrong in it."""


class Day(NamedTuple):
    """A day, whether it is worked, and what it is called."""

    day: date
    is_working: bool
    name: str = ""


def read_days(content: bytes) -> list[Day]:
    """Return the days of a file in UTF-8, with BOM or without, or GB18030, in their order. Raises BadCalendar."""
    days: dict[date, Day] = {}
    faults: list[tuple[int, Words]] = []
    for number, fields in _lines(_text(content)):
        read = _day(fields)
        if not isinstance(read, Day):
            faults.append((number, read))
        elif read.day in days:
            faults.append((number, (f"{read.day} 前面已有", f"{read.day} was there before")))
        else:
            days[read.day] = read
    if faults:
        raise _bad(faults)
    if not days:
        raise BadCalendar(f"文件中没有日期;{FORM[0]}", f"there are no days in the file; {FORM[1]}")
    return [days[day] for day in sorted(days)]


@cache
def starter_days() -> tuple[Day, ...]:
    """Return the days of the years that the program ships, from the official notices named in the table."""
    return tuple(read_days(files(__package__).joinpath("starter.csv").read_bytes()))


FORM: Final[Words] = (
    "每行写:日期,班或休,名称;例如 2026-10-01,休,国庆节",
    "each line has: day, working or holiday, name; such as 2026-10-01,holiday,National Day",
)


def _text(content: bytes) -> str:
    if len(content) > LARGEST_BYTES:
        raise BadCalendar("文件太大,不像节假日表", "the file is too large for a table of holidays")
    for encoding in ENCODINGS:
        try:
            return content.decode(encoding)
        except UnicodeError:
            continue
    raise BadCalendar(
        "文件不是 UTF-8 或 GB18030 编码的文本;请另存为 CSV",
        "the file is no text in UTF-8 or GB18030; save it as CSV",
    )


def _lines(text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the fields of each line that is neither empty, nor a comment, nor the head of the table."""
    is_first = True
    for number, line in enumerate(re.split(r"\r\n|\r|\n", text), 1):
        plain = line.strip()
        if not plain.strip(",") or plain.startswith("#"):
            continue
        fields = _fields(plain)
        if not (is_first and _is_head(fields)):
            yield number, fields
        is_first = False


def _fields(line: str) -> list[str]:
    """Split a line at its commas, else its semicolons or tabs, else its first two blanks."""
    plain = line if "," in line else line.replace("\uff0c", ",").replace("\uff1b", ";")
    separator = next((each for each in ",;\t" if each in plain), None)
    if separator is None or len(plain) > LONGEST_LINE:
        return plain.split(None, 2)
    return [field.strip() for field in next(csv.reader([plain], delimiter=separator), [])]


def _is_head(fields: list[str]) -> bool:
    names = [field.casefold() for field in fields[:2]]
    return len(names) == 2 and names[0] in HEADS and names[1] in WORKING_HEADS


def _day(fields: list[str]) -> Day | Words:
    """Read the fields of a line, or say what is wrong with them."""
    day, working, name, *rest = [*fields, "", ""] if len(fields) < 3 else fields
    when = _date(unicodedata.normalize("NFKC", day))
    if when is None:
        return "应以日期开头,如 2026-10-01", "must begin with a day such as 2026-10-01"
    is_working = WORKING.get(unicodedata.normalize("NFKC", working).strip().casefold())
    if is_working is None:
        return "日期后应写 班 或 休(1 或 0)", "must say working or holiday (1 or 0) after the day"
    if len(name) > LONGEST_NAME or CONTROL.search(name):
        return f"名称不可用:最多 {LONGEST_NAME} 个字符", f"has no proper name: at most {LONGEST_NAME} characters"
    if any(rest):
        return "多了一列", "has a column too many"
    return Day(when, is_working, name)


def _date(text: str) -> date | None:
    found = DAY.fullmatch(text)
    if found is None:
        return None
    year, _, *others = found.groups()
    month, day = (int(part) for part in others if part is not None)
    try:
        return date(int(year), month, day)
    except ValueError:
        return None


def _bad(faults: list[tuple[int, Words]]) -> BadCalendar:
    shown, more = faults[:SHOWN], len(faults) - SHOWN
    zh = [f"第 {number} 行{words[0]}" for number, words in shown] + [f"另有 {more} 处"] * (more > 0)
    en = [f"line {number} {words[1]}" for number, words in shown] + [f"and {more} more"] * (more > 0)
    return BadCalendar(f"一天也没有导入:{';'.join(zh)}。{FORM[0]}", f"nothing was brought: {'; '.join(en)}. {FORM[1]}")
