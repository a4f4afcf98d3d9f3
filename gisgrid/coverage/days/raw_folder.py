"""A folder of raw days: which it has, and what they come to, so that no fix in the database is needed for a report.

A day has one file, `fixes-2026-11-01.parquet`; whatever else lies there is nobody's business here.
"""

import re
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from gisgrid.coverage.days.find import Part, microseconds
from gisgrid.coverage.days.raw import RawDay, fixes_of, read_raw
from gisgrid.coverage.days.reduce import Day, moments, reduce_day
from gisgrid.coverage.group import Group
from gisgrid.errors import Refused
from gisgrid.grid.points import NoSuchFile
from gisgrid.patrols.visits import Beats
from gisgrid.settings import Settings

NAME: Final = re.compile(r"fixes-(\d{4}-\d{2}-\d{2})\.parquet")


class ForeignDays(Refused):
    """Files that do not belong to this installation, or not together."""


def file_name(day: date) -> str:
    """Return what the file of a day is called."""
    return f"fixes-{day.isoformat()}.parquet"


def raw_files(folder: Path) -> dict[date, Path]:
    """Return the files of a folder by their days, in order; none where there is no folder."""
    found = ((NAME.fullmatch(path.name), path) for path in folder.glob("fixes-*.parquet"))
    named = ((_day(match[1]), path) for match, path in found if match)
    return {day: path for day, path in sorted(named, key=str) if day}


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def raw_days(folder: Path, settings: Settings, parts: Sequence[Part], group: Group | None = None) -> dict[date, Day]:
    """Return what those of some days come to that have a file, all of it or that part that is asked for.

    They are exactly what the database gave when the files were made. Raises NoSuchFile, UnreadablePoints, ForeignDays.
    """
    files = raw_files(folder)
    if not files:
        raise NoSuchFile(
            f"{folder} 中没有 fixes-年-月-日.parquet 文件", f"{folder} has no files called fixes-YYYY-MM-DD.parquet"
        )
    names: dict[int, str] = {}
    found = {}
    for part in parts:
        if part.day in files:
            raw = read_raw(files[part.day])
            _require_ours(files[part.day], raw, part.day, settings, names)
            found[part.day] = _reduced(raw.rows, settings, part, group)
    return found


def _require_ours(path: Path, raw: RawDay, day: date, settings: Settings, names: dict[int, str]) -> None:
    """Raise ForeignDays if a file is not of its day, or its people are others than those of the files before."""
    if (raw.about.day, raw.about.timezone) != (day, settings.timezone):
        its = f"{raw.about.day} {raw.about.timezone}"
        raise ForeignDays(
            f"{path.name} 实为 {its} 的数据,与文件名或 GISGRID_TIMEZONE 不符",
            f"{path.name} holds {its}, which is not what its name or GISGRID_TIMEZONE say",
        )
    for number, name in raw.rows[["patroller_number", "patroller"]].drop_duplicates().itertuples(index=False):
        if names.setdefault(number, name) != name:
            raise ForeignDays(
                f"{path.name} 与前面的文件出自不同的系统:人员编号 {number} 既是 {names[number]} 又是 {name};请分开统计",
                f"{path.name} is of another installation than the files before: person {number} is both "
                f"{names[number]} and {name}; report on them apart",
            )


def _reduced(rows: pd.DataFrame, settings: Settings, part: Part, group: Group | None) -> Day:
    within = rows[(rows["at"] >= part.period.start) & (rows["at"] < part.period.end)]
    fixes, beats = fixes_of(within), within[within["kind"] == "heartbeat"]
    carried = Beats(beats["patroller_number"].to_numpy(dtype=np.int64), moments(beats["at"]))
    span = microseconds(part.period.start), microseconds(part.period.end)
    return reduce_day(fixes if group is None else group.of(fixes), part.on.ground, settings, carried, *span)
