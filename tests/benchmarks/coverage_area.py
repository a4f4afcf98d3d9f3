"""Covered area, discs of 50 m and bands, against unions of buffers.

`make bench`, or `python -m tests.benchmarks.coverage_area --quick` for a first look.
"""

import argparse
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
import shapely

from gisgrid.coverage.ground.reach import Strokes, strokes
from gisgrid.settings import Settings
from tests.benchmarks.coverage_text import Measured, Panel, timed, write
from tests.benchmarks.coverage_ways import (
    ENGINES,
    IN_PROCESS,
    REACH_M,
    Way,
    fine_reference,
    ours,
    substations,
    union_of_buffers,
)
from tests.benchmarks.month import Walked, days_of
from tests.benchmarks.report import machine
from tests.benchmarks.way import NotAvailable
from tests.benchmarks.world import Floats

HERE: Final = Path(__file__).parent
PACKAGES: Final = ("numpy", "shapely", "duckdb", "psycopg")
PROMISE: Final = 0.2
"""Percentage points."""

Say = Callable[[str], None]


@dataclass(frozen=True)
class Dose:
    """How much is measured: `few` fixes by all ways in turn; `many` by ours as often, and by shapely's union once."""

    few: Walked
    many: Walked | None
    rounds: int


FULL: Final = Dose(Walked(10, 3, 3334), Walked(100, 3, 3334), 3)
QUICK: Final = Dose(Walked(5, 1, 2000), None, 3)

INTRODUCTION: Final = """# 到达面积：对比 / Covered area: a comparison

由 `make bench` 生成：示例网格 22 个分站，半径 50 米的圆与沿轨迹的带。各做法拿到同样的线段（米制坐标），在同一次运行中
轮流测量，取中位数；shapely 的合并对全部定位只做一次（要几分钟）。误差为与 0.25 米细条参照相比，各分站到达率相差最多的
百分点；缓冲区每四分之一圆取 16 段，面积天生偏小。“倍数”以第一行为 1。

Made by `make bench`: 22 substations of the sample, discs of 50 m and bands along the tracks. All ways are handed the
same strokes in metres and take turns within one run, medians; shapely unites the many only once (that takes minutes).
The error is the largest difference of a substation's ratio from a reference of strips 0.25 m high, in percentage
points; buffers have 16 segments to a quarter, so their areas are a little small. × counts from the first row.

"""


def compare(dose: Dose, say: Say) -> list[Panel]:
    """Measure all ways."""
    panels = [_few(strokes_of(dose.few), dose, say)]
    if dose.many is not None:
        panels.append(_many(strokes_of(dose.many), dose.many.count, dose.rounds, say))
    return panels


def strokes_of(walked: Walked) -> Strokes:
    """Return what is to be drawn of all days, as one period."""
    fixes = pd.concat(list(days_of(walked)), ignore_index=True).sort_values(["patroller_id", "fix_at"])
    return strokes(fixes[fixes["accuracy_m"] <= REACH_M], Settings())


def _few(drawn: Strokes, dose: Dose, say: Say) -> Panel:
    """Let all ways take turns."""
    reference = fine_reference(drawn)
    measured = {name: Measured(name, dose.few.count) for name in (*IN_PROCESS, *ENGINES)}
    with ExitStack() as stack:
        ways: dict[str, Way] = {name: (partial(areas, drawn), time.process_time) for name, areas in IN_PROCESS.items()}
        for name, opened in ENGINES.items():
            try:
                ways[name] = stack.enter_context(opened(drawn))
            except (ImportError, NotAvailable) as missing:
                measured[name].remark = f"没有结果 not available: {missing}"
        for number in range(dose.rounds):
            _round(ways if number % 2 else dict(reversed(ways.items())), measured, reference, say)
    return Panel(f"{dose.few.count:,} 次定位 / fixes", list(measured.values()))


def _round(ways: Mapping[str, Way], measured: Mapping[str, Measured], reference: Floats, say: Say) -> None:
    for name, (act, cpu_s) in ways.items():
        took, found = timed(act, cpu_s)
        measured[name].rounds.append(took)
        measured[name].remark = told(error(found, reference))
        say(f"{name}: {took.wall_s:.2f} s")


def _many(drawn: Strokes, count: int, rounds: int, say: Say) -> Panel:
    """Let ours measure as often as before, and shapely once."""
    reference = fine_reference(drawn)
    panel = Panel(f"{count:,} 次定位 / fixes", [Measured("gisgrid", count), Measured("shapely, union_all", count)])
    for one, areas, times in zip(panel.measured, (ours, union_of_buffers), (rounds, 1), strict=True):
        for _ in range(times):
            took, found = timed(partial(areas, drawn))
            one.rounds.append(took)
            one.remark = told(error(found, reference))
            say(f"{count:,}: {one.way}: {took.wall_s:.2f} s")
    return panel


def error(found: Floats, reference: Floats) -> float:
    """Return the largest difference of a substation's ratio, in percentage points."""
    return float(np.max(np.abs(found - reference) / shapely.area(substations()))) * 100


def told(points: float) -> str:
    """Tell an error."""
    return f"误差 error {points:.3f} 个百分点 pp"


def main() -> int:
    """Run, write the table, the figures and the plot."""
    asked = _arguments()
    began = time.monotonic()

    def say(text: str) -> None:
        sys.stderr.write(f"{time.monotonic() - began:6.0f} s  {text}\n")

    about = machine(PACKAGES)
    panels = compare(QUICK if asked.quick else FULL, say)
    sys.stdout.write(write("coverage_area", INTRODUCTION, panels, about, asked.to))
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.coverage_area", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="约一分钟，结果写入 build/ / a minute, into build/")
    parser.add_argument("--to", type=Path, help="结果目录 / folder of the results")
    asked = parser.parse_args()
    asked.to = asked.to or (HERE.parent.parent / "build" / "benchmarks" if asked.quick else HERE)
    return asked


if __name__ == "__main__":
    sys.exit(main())
