"""A day as bytes, to be kept, and back again, bit for bit. Pure."""

import io
from dataclasses import astuple
from typing import Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa

from gisgrid.coverage.days.reduce import Day
from gisgrid.coverage.ground.reach import Reached
from gisgrid.coverage.ground.strips import Integers, Runs, Strips

CODEC: Final = "zstd"
FRAMES: Final = ("presence", "visits")
WINDOWS: Final = ("fine", "coarse")
WHOLE: Final = ("squares", "left_out", "late_us")


def packed(day: Day) -> bytes:
    """Return a day as bytes: the length of what they hold, then that, compressed."""
    arrays: dict[str, Any] = {
        "span": np.array([day.start_us, day.end_us]),
        **{name: getattr(day, name) for name in WHOLE},
    }
    for name in FRAMES:
        frame = getattr(day, name)
        arrays |= {f"{name}.{column}": _array(frame[column]) for column in frame}
    arrays |= {name: np.array(astuple(getattr(day, name))) for name in WINDOWS}
    for kind, runs in day.reached._asdict().items():
        arrays[f"{kind}.step"], arrays[f"{kind}.length"] = np.diff(runs.start, prepend=0), runs.end - runs.start
    held = io.BytesIO()
    np.savez(held, allow_pickle=False, **{name: _narrow(array) for name, array in arrays.items()})
    content = held.getvalue()
    compressed: bytes = pa.compress(content, CODEC, asbytes=True)
    return len(content).to_bytes(8, "little") + compressed


def unpacked(content: bytes) -> Day:
    """Return the day that `packed` made bytes of."""
    size = int.from_bytes(content[:8], "little")
    with np.load(io.BytesIO(pa.decompress(content[8:], size, CODEC, asbytes=True)), allow_pickle=False) as arrays:
        start_us, end_us = arrays["span"].tolist()
        presence, visits = (_frame(arrays, name) for name in FRAMES)
        fine, coarse = (_window(arrays[name].tolist()) for name in WINDOWS)
        reached = Reached(*(_runs(arrays[f"{kind}.step"], arrays[f"{kind}.length"]) for kind in Reached._fields))
        squares, left_out, late_us = (arrays[name].astype(np.int64) for name in WHOLE)
    return Day(start_us, end_us, presence, visits, squares, fine, coarse, reached, left_out, late_us)


def _array(column: "pd.Series[Any]") -> Any:
    return column.to_numpy() if pd.api.types.is_numeric_dtype(column) else column.to_numpy(dtype=str)


def _narrow(array: Any) -> Any:
    """Return whole numbers in four bytes where they fit."""
    fits = array.dtype == np.int64 and (not array.size or (array.min() >= -(2**31) and array.max() < 2**31))
    return array.astype(np.int32) if fits else array


def _frame(arrays: Any, name: str) -> pd.DataFrame:
    columns = {key.partition(".")[2]: arrays[key] for key in arrays.files if key.startswith(f"{name}.")}
    return pd.DataFrame({column: _column(values) for column, values in columns.items()})


def _column(values: Any) -> Any:
    if values.dtype.kind == "U":
        return pd.Series(values, dtype=str)
    return values.astype(np.int64) if values.dtype == np.int32 else values


def _window(values: list[float]) -> Strips:
    west, south, height, rows, length = values
    return Strips(west, south, height, round(rows), round(length))


def _runs(step: Integers, length: Integers) -> Runs:
    start = np.cumsum(step, dtype=np.int64)
    end = start + length
    return Runs(start, end, np.cumsum(end - start) - (end - start))
