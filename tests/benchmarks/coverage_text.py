"""What was measured of coverage reports: rounds of ways in turn, as a table, figures and a plot."""

import json
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

from tests.benchmarks.plot import EMPTY, Bar, Scale, plot, short
from tests.benchmarks.report import table
from tests.benchmarks.worker import Took

COLUMNS: Final = (
    "做法 Way",
    "定位 Fixes",
    "轮 Rounds",
    "秒 s",
    "CPU 秒 CPU s",
    "倍数 ×",
    "CPU 倍数 CPU ×",
    "说明 Remark",
)


@dataclass
class Measured:
    """What is known of one way: how long each round took, for how many fixes, and a remark on it."""

    way: str
    fixes: int
    rounds: list[Took] = field(default_factory=list)
    remark: str = ""

    @property
    def wall_s(self) -> float | None:
        """Seconds of the median round."""
        return statistics.median(took.wall_s for took in self.rounds) if self.rounds else None

    @property
    def cpu_s(self) -> float | None:
        """Seconds computed in the median round, by whatever process."""
        return statistics.median(took.cpu_s for took in self.rounds) if self.rounds else None


@dataclass(frozen=True)
class Panel:
    """Ways that are to be compared with the first of them."""

    title: str
    measured: list[Measured]


def timed(act: Callable[[], Any], cpu_s: Callable[[], float] = time.process_time) -> tuple[Took, Any]:
    """Do something once; return how long it took, and what it gave."""
    wall, cpu = time.perf_counter(), cpu_s()
    found = act()
    return Took(time.perf_counter() - wall, cpu_s() - cpu), found


def write(name: str, introduction: str, panels: Sequence[Panel], about: dict[str, str], folder: Path) -> str:
    """Write name.md, name.json and name.svg; return the first."""
    parts = [introduction]
    parts += [
        f"## {panel.title}\n\n{table(COLUMNS, [_row(one, panel) for one in panel.measured])}\n" for panel in panels
    ]
    parts.append("## 机器 / Machine\n\n" + ", ".join(f"{key} {value}" for key, value in about.items()) + "\n")
    text = "\n".join(parts)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.md").write_text(text)
    told = {"about": about, "panels": [_told(panel) for panel in panels]}
    (folder / f"{name}.json").write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n")
    (folder / f"{name}.svg").write_text(plot([(panel.title, _bars(panel)) for panel in panels], SCALE))
    return text


SCALE: Final = Scale("秒，对数刻度 — seconds, logarithmic", 0.01, 10_000.0)


def _row(one: Measured, panel: Panel) -> list[str]:
    ours = panel.measured[0]
    times = [_times(getattr(one, kind), getattr(ours, kind)) for kind in ("wall_s", "cpu_s")]
    return [
        one.way,
        f"{one.fixes:,}",
        str(len(one.rounds) or EMPTY),
        short(one.wall_s),
        short(one.cpu_s),
        *times,
        one.remark,
    ]


def _times(theirs: float | None, ours: float | None) -> str:
    return short(theirs / ours) if theirs is not None and ours else EMPTY


def _told(panel: Panel) -> dict[str, Any]:
    measured = [asdict(one) | {"rounds": [took._asdict() for took in one.rounds]} for one in panel.measured]
    return {"title": panel.title, "measured": measured}


def _bars(panel: Panel) -> list[Bar]:
    return [Bar(one.way, one.wall_s, "" if one.rounds else one.remark) for one in panel.measured]
