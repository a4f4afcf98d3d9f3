"""The point-to-cell join against its peers: `make bench`, or `python -m tests.benchmarks --quick` for a first look."""

import argparse
import sys
import tempfile
import time
from pathlib import Path

from tests.benchmarks.contest import FULL, QUICK, VERTICES, among_thorns, contest, ours_among_thorns
from tests.benchmarks.report import Report, machine, write
from tests.benchmarks.ways import OURS, OURS_LEVELS, WAYS

HERE = Path(__file__).parent


def main() -> int:
    """Run, write the table, the figures and the plot. Return 1 when gisgrid failed or answered any point wrongly."""
    asked = _arguments()
    dose = QUICK if asked.quick else FULL
    chosen = [name for name in WAYS if not asked.only or name in (OURS, OURS_LEVELS) or asked.only in name]
    began = time.monotonic()

    def say(text: str) -> None:
        sys.stderr.write(f"{time.monotonic() - began:6.0f} s  {text}\n")

    about = machine()
    with tempfile.TemporaryDirectory(prefix="gisgrid-bench-") as folder:
        place = Path(folder)
        share_s = dose.ends_s / len(VERTICES)
        contests = [
            contest(name, chosen, dose, place, began + number * share_s, say)
            for number, name in enumerate(VERTICES, start=1)
        ]
        thorns = among_thorns(chosen, dose.thorny, place, say)
    report = Report(about, dose, contests, thorns, ours_among_thorns(dose, say))
    asked.to.mkdir(parents=True, exist_ok=True)
    sys.stdout.write(write(report, asked.to))
    return 0 if report.is_sound() else 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="约一分钟，结果写入 build/ / about a minute, into build/")
    parser.add_argument("--only", default="", metavar="NAME", help="只比较名称含此文字的 / only peers with this name")
    parser.add_argument("--to", type=Path, help="结果目录 / folder of the results")
    asked = parser.parse_args()
    asked.to = asked.to or (HERE.parent.parent / "build" / "benchmarks" if asked.quick else HERE)
    return asked


if __name__ == "__main__":
    sys.exit(main())
