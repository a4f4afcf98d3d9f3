"""Ledgers of another system, as files: months that are known from outside, and ones made up."""

import csv
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Shanghai")
COLUMNS = (
    "类别",
    "网格编码",
    "上报时间",
    "立案时间",
    "派遣时间",
    "处置完成时间",
    "结案时间",
    "来源",
    "办理层级",
    "案号",
    "部门",
)
HOUR = timedelta(hours=1)
DECEMBER = datetime(2016, 12, 1, tzinfo=ZONE)

Line = dict[str, str]


def line(number: int, kind: str, cell: str, filed: datetime, work: timedelta | None, **more: str) -> Line:
    """Return a record that was filed at a time and handled so long after, and closed an hour after that."""
    at = {"上报时间": filed - HOUR, "立案时间": filed, "派遣时间": filed}
    if work is not None:
        at |= {"处置完成时间": filed + work, "结案时间": filed + work + HOUR}
    times = {name: f"{moment.astimezone(ZONE):%Y-%m-%d %H:%M:%S}" for name, moment in at.items()}
    return {"类别": kind, "网格编码": cell, "案号": f"K{number}", **times, **more}


def tianmen(cells: list[str]) -> Iterator[Line]:
    """Yield December 2016 of Tianmen: due 972, closed 911, in time 737; and around it what belongs to other months.

    The limit of the kind is two hours on the clock that always runs.
    """
    kind, number = "E0501", 0
    for count, day, work in [
        (737, 0.5, HOUR),  # in time
        (174, 0.7, 5 * HOUR),  # late
        (30, 12, None),  # overdue and never closed
        (31, 3, timedelta(days=40)),  # overdue, closed in January
        (9, -20, HOUR),  # of November
        (7, 33, HOUR),  # of January
        (5, -15, timedelta(days=10)),  # late, closed in November
    ]:
        for each in range(count):
            spread = timedelta(hours=(each * 7) % 480 if day in (0.5, 0.7) else each % 50)
            filed = DECEMBER + timedelta(days=day) + spread
            yield line(number, kind, cells[number % len(cells)], filed, work)
            number += 1


def write(path: Path, lines: Iterable[Line]) -> Path:
    """Write a ledger."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, restval="")
        writer.writeheader()
        writer.writerows(lines)
    return path
