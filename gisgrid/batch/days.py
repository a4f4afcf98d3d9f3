"""On which local day something was: from a column of moments, of dates, or of text in the forms of ISO 8601."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from gisgrid.intake.imports import NoSuchColumn

Days = NDArray[np.datetime64]

ZONED = r"[T:].*(?:[Zz]|[+-]\d\d(?::?\d\d)?)\s*$"


def column_of(schema: pa.Schema, wanted: str | None, usual: Sequence[str]) -> str | None:
    """Return the column that is wanted, else the first that has a usual name, else None. Raises NoSuchColumn."""
    names = {name.strip().casefold(): name for name in reversed(schema.names)}
    found = next((names[name] for name in ([wanted.casefold()] if wanted else usual) if name in names), None)
    if wanted and found is None:
        raise no_column(schema, wanted)
    return found


def no_column(schema: pa.Schema, sought: str) -> NoSuchColumn:
    """Return the error that a column is not in a file."""
    there = ", ".join(schema.names)[:300]
    return NoSuchColumn(f"找不到列 {sought}。文件中的列:{there}", f"no column {sought}; the file has: {there}")


def holds_times(kind: pa.DataType) -> bool:
    """Tell whether a column of this type can be read by `local_days`."""
    kind = kind.value_type if pa.types.is_dictionary(kind) else kind
    types = pa.types
    known = types.is_timestamp, types.is_date, types.is_null
    texts = types.is_string, types.is_large_string, types.is_string_view
    return any(is_of(kind) for is_of in (*known, *texts))


def local_days(column: pa.ChunkedArray, zone: ZoneInfo) -> Days:
    """Return the days of n moments as datetime64[D], NaT where none can be read. What names no zone is local."""
    if pa.types.is_date(column.type):
        local = pd.to_datetime(column.to_pandas())
    elif pa.types.is_timestamp(column.type):
        moments = column.to_pandas()
        local = moments if column.type.tz is None else moments.dt.tz_convert(zone).dt.tz_localize(None)
    else:
        local = _from_text(column.cast(pa.string()).to_pandas(), zone)
    return np.asarray(local.to_numpy(), dtype="datetime64[D]")


def _from_text(texts: "pd.Series[str]", zone: ZoneInfo) -> "pd.Series[pd.Timestamp]":
    read = pd.to_datetime(texts, format="ISO8601", errors="coerce", utc=True)
    zoned = texts.str.contains(ZONED, na=False)
    return read.dt.tz_convert(zone).dt.tz_localize(None).where(zoned, read.dt.tz_localize(None))
