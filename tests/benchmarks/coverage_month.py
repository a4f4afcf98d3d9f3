"""A month's report at all levels over ten million check-ins, against plain SQL on PostGIS and on DuckDB over Parquet.

`make bench`, or `python -m tests.benchmarks.coverage_month --quick` for a first look.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

from tests.benchmarks.coverage_stores import Counted, Way, by_duckdb, by_postgis, lay_file, lay_parquet
from tests.benchmarks.coverage_text import Measured, Panel, timed, write
from tests.benchmarks.month import Walked
from tests.benchmarks.report import machine
from tests.benchmarks.way import NotAvailable
from tests.benchmarks.worker import Took

HERE: Final = Path(__file__).parent
PACKAGES: Final = ("numpy", "pandas", "sqlalchemy", "pysqlite3", "duckdb", "psycopg")
AGAIN: Final = 3
"""Reports after the first in one process."""
FIRST, WARM, FIRST_OF_TWO, WARM_OF_TWO = (
    "gisgrid, 新进程首次 first in a new process",
    "gisgrid, 再次 again",
    "gisgrid, 两月存量首次 two months stored, first",
    "gisgrid, 两月存量再次 two months stored, again",
)
ENGINES: Final = {"DuckDB, Parquet": by_duckdb, "PostGIS": by_postgis}

Say = Callable[[str], None]


class Wrong(Exception):
    """Two ways gave other counts."""


@dataclass(frozen=True)
class Dose:
    """How much is measured, and how often in turn."""

    month: Walked
    rounds: int


FULL: Final = Dose(Walked(100, 30, 3334), 3)
QUICK: Final = Dose(Walked(100, 30, 34), 2)

INTRODUCTION: Final = """# 月报：对比 / A month's report: a comparison

由 `make bench` 生成：100 人、30 天，三级各网格的打卡数、人员数、巡查次数。PostGIS 与 DuckDB 只算这三个数
（按已存的网格编号连接，`count(DISTINCT …)`，SQL 见 `coverage_stores.py`）；gisgrid 给出报告的全部数字，含到达面积及其
上下限。各做法轮流测量，取中位数，计数必须全部相同。gisgrid 的数据库用 SQL 直接写入，不经打卡入口；“首次”在新进程中，
不含启动与导入的时间（见说明）；文件已在系统缓存中。PostGIS 的到达面积见 `coverage_area.md`：一千万条无法在合理时间内
合并。

Made by `make bench`: 100 people, 30 days; check-ins, people and outings of every cell of the three levels. PostGIS and
DuckDB compute these three only (joined on the stored rows of cells, `count(DISTINCT …)`, see `coverage_stores.py`);
gisgrid gives all figures of its report, the covered area and its limits among them. All ways take turns, medians; all
counts must be the same. gisgrid's database is filled by plain inserts, past its door for check-ins. “First” is in a new
process, without its start and imports (see the remark); the files are in the system's cache. For PostGIS' covered area
see `coverage_area.md`: ten million cannot be united in reasonable time.

"""


def compare(dose: Dose, folder: Path, say: Say) -> Panel:
    """Lay what is not there yet, and let all ways take turns. Raises Wrong."""
    month, name = dose.month, f"{dose.month.people}x{dose.month.days}x{dose.month.fixes}"
    parquet = lay_parquet(folder / f"parquet-{name}", month)
    say("Parquet")
    one = lay_file(folder / f"one-{name}.sqlite", [month])
    say("gisgrid")
    two = lay_file(folder / f"two-{name}.sqlite", [month.before(), month])
    say("gisgrid, 2")
    names = (FIRST, WARM, FIRST_OF_TWO, WARM_OF_TWO, *ENGINES)
    measured = {way: Measured(way, month.count) for way in names}
    with ExitStack() as stack:
        engines: dict[str, Way] = {}
        for way, opened in ENGINES.items():
            try:
                engines[way] = stack.enter_context(opened(parquet, month))
            except (ImportError, NotAvailable) as missing:
                measured[way].remark = f"没有结果 not available: {missing}"
            say(way)
        for _ in range(dose.rounds):
            _round({(FIRST, WARM): one, (FIRST_OF_TWO, WARM_OF_TWO): two}, engines, measured, month, say)
    return Panel(f"{month.count:,} 次定位，全部层级 / fixes, all levels", list(measured.values()))


def _round(
    ours: Mapping[tuple[str, str], str],
    engines: Mapping[str, Way],
    measured: Mapping[str, Measured],
    month: Walked,
    say: Say,
) -> None:
    counts: dict[str, Counted] = {}
    for (first, again), address in ours.items():
        once = report_once(address, month)
        counts[first] = once.counts
        measured[first].rounds.append(once.took[0])
        measured[first].remark = f"另加启动与导入 and its start and imports: {once.imported_s:.2f} s"
        measured[again].rounds += once.took[1:]
        say(f"{first}: {once.took[0].wall_s:.2f} s")
    for way, (act, cpu_s) in engines.items():
        took, found = timed(act, cpu_s)
        counts[way] = found
        measured[way].rounds.append(took)
        say(f"{way}: {took.wall_s:.2f} s")
    require_agreement(counts)


def require_agreement(counts: Mapping[str, Counted]) -> None:
    """Raise Wrong, with all that differs, when two ways counted otherwise."""
    codes = sorted({code for found in counts.values() for code in found})
    told = {code: {way: found.get(code) for way, found in counts.items()} for code in codes}
    if differ := {code: of_each for code, of_each in told.items() if len(set(of_each.values())) > 1}:
        raise Wrong(json.dumps(differ, ensure_ascii=False))


class Once(NamedTuple):
    """What a process tells of its reports: the first, those after it, and their counts."""

    imported_s: float
    took: list[Took]
    counts: Counted


def report_once(address: str, month: Walked) -> Once:
    """Report in a new process, once and AGAIN."""
    period = (month.period.start.isoformat(), month.period.end.isoformat())
    command = [sys.executable, "-m", "tests.benchmarks.coverage_once", address, *period, str(AGAIN)]
    done = subprocess.run(command, cwd=HERE.parent.parent, env=_environment(), capture_output=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr.decode())
    told = json.loads(done.stdout)
    counts = {code: tuple(numbers) for code, numbers in told["counts"].items()}
    return Once(told["imported_s"], [Took(*each) for each in told["took"]], counts)


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("GISGRID_")}


def main() -> int:
    """Run, write the table, the figures and the plot."""
    asked = _arguments()
    began = time.monotonic()

    def say(text: str) -> None:
        sys.stderr.write(f"{time.monotonic() - began:6.0f} s  {text}\n")

    about = machine(PACKAGES)
    dose = QUICK if asked.quick else FULL
    if asked.scale:
        dose = Dose(Walked(dose.month.people, dose.month.days, round(FULL.month.fixes * asked.scale)), dose.rounds)
    with ExitStack() as stack:
        folder = asked.cache or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="gisgrid-bench-")))
        folder.mkdir(parents=True, exist_ok=True)
        panel = compare(dose, folder, say)
    sys.stdout.write(write("coverage_month", INTRODUCTION, [panel], about, asked.to))
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.coverage_month", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="十万条，结果写入 build/ / 100,000 fixes, into build/")
    parser.add_argument("--scale", type=float, help="一千万条的几分之几 / part of ten million fixes")
    parser.add_argument("--cache", type=Path, help="数据所在目录，下次再用 / folder of the data, to be used again")
    parser.add_argument("--to", type=Path, help="结果目录 / folder of the results")
    asked = parser.parse_args()
    asked.to = asked.to or (HERE.parent.parent / "build" / "benchmarks" if asked.quick else HERE)
    return asked


if __name__ == "__main__":
    sys.exit(main())
