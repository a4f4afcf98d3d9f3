"""The raw fixes and heartbeats of a day as one GeoParquet file, for GIS and for figures, and back again. No database.

A row is a fix, or a heartbeat, which has no place. Numbers of people and outings are those of the installation.
"""

import io
import json
from datetime import date
from pathlib import Path
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import shapely

from gisgrid.coverage.days.reduce import CODES
from gisgrid.documents.geo_files import geo_file
from gisgrid.geometry import WGS84
from gisgrid.grid.points import checked, open_parquet, unreadable
from gisgrid.patrols.judge import Flag, names_of

FORM: Final = 1
KEY: Final = b"gisgrid"
"""Under which the file tells its form, its day, the zone of that, and `changes` as `version_of` counts them."""
MOMENT: Final = pa.timestamp("us", tz="UTC")
TEXT: Final = pa.string()
SCHEMA: Final = pa.schema(
    [
        ("kind", TEXT),
        ("at", MOMENT),
        ("patroller_number", pa.int64()),
        ("patroller", TEXT),
        ("patrol_number", pa.int64()),
        ("patrol", TEXT),
        ("received_at", MOMENT),
        ("longitude", pa.float64()),
        ("latitude", pa.float64()),
        ("accuracy_m", pa.float64()),
        ("flags", TEXT),
        *((code, TEXT) for code in CODES),
    ]
)
KINDS: Final = ("fix", "heartbeat")
NEEDED: Final = ("kind", "at", "patroller_number", "patroller")
NEEDED_OF_FIXES: Final = ("received_at", "longitude", "latitude", "flags")


class About(NamedTuple):
    """Which day a file holds, in which zone, and how often it had changed when the file was made."""

    day: date
    timezone: str
    changes: int


class RawDay(NamedTuple):
    """A day with its rows, a frame with the columns of SCHEMA; missing numbers and texts are missing there too."""

    about: About
    rows: pd.DataFrame


def raw_file(about: About, rows: pa.Table) -> bytes:
    """Return rows of SCHEMA as a GeoParquet file; fixes are points in WGS 84."""
    frame = rows.to_pandas()
    places = np.full(len(frame), None, dtype=object)
    is_fix = (frame["kind"] == "fix").to_numpy()
    places[is_fix] = shapely.points(frame.loc[is_fix, ["longitude", "latitude"]].to_numpy())
    held = pq.read_table(io.BytesIO(geo_file(gpd.GeoDataFrame(frame, geometry=places, crs=WGS84), "parquet", "")))
    told = json.dumps({"form": FORM, **about._asdict(), "day": about.day.isoformat()})
    content = io.BytesIO()
    pq.write_table(held.replace_schema_metadata({**held.schema.metadata, KEY: told}), content, compression="zstd")
    return content.getvalue()


def about_file(path: Path) -> About:
    """Return what a file says of itself. Raises NoSuchFile, UnreadablePoints."""
    with open_parquet(checked(path)) as file:
        return _about(path, file)


def read_raw(path: Path) -> RawDay:
    """Read a file that `raw_file` made. Raises NoSuchFile, UnreadablePoints, which says what is wrong with it."""
    with open_parquet(checked(path)) as file:
        about = _about(path, file)
        there = file.schema_arrow.names
        if missing := [name for name in SCHEMA.names if there.count(name) != 1]:
            names = ", ".join(missing)
            raise unreadable(path, f"缺少列或列名重复:{names}", f"columns missing, or there twice: {names}")
        try:
            rows = file.read(SCHEMA.names, use_threads=False).select(SCHEMA.names).cast(SCHEMA)
        except (pa.ArrowException, OSError, ValueError) as error:
            reason = str(error).splitlines()[0][:200]
            raise unreadable(path, f"文件已损坏,或列的类型不对({reason})", f"damaged or mistyped ({reason})") from error
    _check(path, rows, about)
    return RawDay(about, rows.to_pandas())


def fixes_of(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the fixes as `patrols.fixes.fixes_frame` does, but for what no figure is made of."""
    fixes = rows[rows["kind"] == "fix"].reset_index(drop=True)
    codes = {code: fixes[code].astype(object).where(fixes[code].notna(), None) for code in CODES}
    flags = {text: _number(text) for text in fixes["flags"].unique()}
    return fixes.assign(
        **codes,
        fix_at=fixes["at"],
        patroller_id=fixes["patroller_number"].astype("int64"),
        patrol_id=fixes["patrol_number"].astype("Int64"),
        flags=fixes["flags"].map(flags).astype("int64"),
    )


def flag_text(flags: int) -> str:
    """Return flags by their names."""
    return ",".join(names_of(flags))


def _number(text: str) -> int:
    return sum(int(Flag[name.upper()]) for name in set(text.split(",")) if name)


def _about(path: Path, file: pq.ParquetFile) -> About:
    try:
        told: dict[str, Any] = json.loads((file.schema_arrow.metadata or {})[KEY])
        if told["form"] != FORM:
            raise ValueError(told["form"])
        return About(date.fromisoformat(told["day"]), ZoneInfo(told["timezone"]).key, int(told["changes"]))
    except (KeyError, ValueError, TypeError) as error:
        raise unreadable(
            path,
            "不是 gisgrid retention keep-days 写出的原始数据文件,或由其他版本写出",
            "it is no file of raw days as gisgrid retention keep-days writes them, or one of another version",
        ) from error


def _check(path: Path, rows: pa.Table, about: About) -> None:
    """Raise UnreadablePoints for rows of which no figures can be made."""
    fixes = rows.filter(pc.equal(rows["kind"], "fix"))
    empty = [name for name in NEEDED if rows[name].null_count]
    empty += [name for name in NEEDED_OF_FIXES if fixes[name].null_count]
    if empty:
        raise unreadable(path, f"有空值的列:{', '.join(empty)}", f"columns with empty values: {', '.join(empty)}")
    known = {name.lower() for name in Flag.__members__}
    strange = {*rows["kind"].unique().to_pylist()} - {*KINDS}
    strange |= {name for text in fixes["flags"].unique().to_pylist() for name in text.split(",") if name} - known
    if strange:
        names = ", ".join(sorted(strange))[:200]
        raise unreadable(path, f"不认识的种类或标记:{names}", f"unknown kinds or flags: {names}")
    for name, most in (("longitude", 180.0), ("latitude", 90.0)):
        if not pc.all(pc.less_equal(pc.abs(fixes[name]), most), min_count=0).as_py():
            raise unreadable(path, f"{name} 列有不在地球上的值", f"{name} has values that are nowhere on earth")
    local = rows["at"].to_pandas().dt.tz_convert(about.timezone).dt.date
    if not (local == about.day).all():
        raise unreadable(path, f"有不属于 {about.day} 的记录", f"it has rows that are not of {about.day}")
