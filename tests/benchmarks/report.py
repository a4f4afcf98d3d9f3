"""What was measured, as a table to read, figures to compute with, and a plot."""

import json
import os
import platform
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final

from tests.benchmarks.contest import LIMIT_THREADS, Contest, Dose
from tests.benchmarks.plot import EMPTY, Bar, plot, short
from tests.benchmarks.rival import Measured
from tests.benchmarks.ways import OURS, OURS_LEVELS
from tests.benchmarks.worker import Checked, Took

PACKAGES: Final = ("numpy", "shapely", "geopandas", "polars-st", "polars", "sedonadb", "duckdb")

SPEED: Final = (
    "做法 Way",
    "点数 Points",
    "百万点/秒 M points/s",
    "百万点/CPU 秒 M points/CPU s",
    "gisgrid 的倍数 gisgrid is ×",
    "每千万点内存 MB per 10 M points",
    "建索引 Build s",
    "索引内存 Built MB",
)
MISTAKES: Final = ("做法 Way", "S 普通 ordinary", "S 刁钻 hard", "L 普通 ordinary", "L 刁钻 hard", "荆棘 thorny")
LATENCY: Final = ("做法 Way", "S 中位 median µs", "S p99 µs", "L 中位 median µs", "L p99 µs")

INTRODUCTION: Final = """# 点落网格：对比 / Points to cells: a comparison

由 `make bench` 生成：各做法在同一次运行中轮流测量，取中位数。S、L 两个网格各有 1 个街道、9 个社区、22 个分站，
每个分站约 {small:.0f} 与 {large:.0f} 个顶点；点 90 % 沿步行路线，5 % 距边界 15 米以内，5 % 在外。慢的做法用较少的点
（见“点数”），速率照列。各做法先得到自己最擅长的点格式，不计时；重复命中取最低代码，计时。PostGIS 计入服务器的 CPU
时间，内存不详。与 shapely `covers` 加最低代码不同，即为错误。刁钻点：顶点、边上算出的点、gisgrid 自身方格的线与角、
边界与方格线的交点，多数再移动一两个 ulp。荆棘：同样的点，网格另有细如发丝的尖刺、几乎重合的顶点、小至几个 ulp 的岛。

Made by `make bench`: all ways in turn within one run, medians. Two grids of 1, 9 and 22 cells, about {small:.0f} (S)
and {large:.0f} (L) vertices a cell; 90 % of the points along walks, 5 % within 15 m of a border, 5 % outside. Slow
ways join fewer points (see “Points”), their rate is given. Each way is first handed the points in the form that it
likes best, which is not timed; reducing double hits to the lowest code is. PostGIS' server's processors count; its
memory is not known. Wrong is what differs from shapely's `covers` and the lowest code. Hard points: vertices, points
computed on edges, lines and corners of gisgrid's own squares, places where borders cross these, most moved by one or
two ulp. Thorny: the same in a grid with spikes a hair wide, near-coincident vertices and islands down to a few ulp.

"""


@dataclass(frozen=True)
class Report:
    """All that was measured in one run."""

    about: dict[str, str]
    dose: Dose
    contests: list[Contest]
    thorns: list[Measured]
    ours_thorns: Checked

    def mistakes_of_ours(self) -> int:
        """Return how many points gisgrid answered wrongly, all kinds together."""
        checked = [check for one in self._ours() for check in (one.ordinary, one.hard)]
        return sum(check.wrong for check in [*checked, self.ours_thorns] if check)

    def is_sound(self) -> bool:
        """Tell whether gisgrid answered everything, and nothing wrongly."""
        return self.mistakes_of_ours() == 0 and all(one.missing is None for one in self._ours())

    def _ours(self) -> list[Measured]:
        everything = [one for place in self.contests for one in place.measured] + self.thorns
        return [one for one in everything if one.way in (OURS, OURS_LEVELS)]


def machine(packages: Sequence[str] = PACKAGES) -> dict[str, str]:
    """Return what the figures depend on."""
    models = [line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")]
    return {
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
        "processor": models[0].partition(":")[2].strip() if models else platform.machine(),
        "cores": str(os.cpu_count()),
        "load before": f"{os.getloadavg()[0]:.1f}",
        "Python": platform.python_version(),
        **{name: _version(name) for name in packages},
    }


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return EMPTY


def rate(points: int, seconds: Sequence[float]) -> float | None:
    """Return million points a second, from the median of the rounds."""
    return points / statistics.median(seconds) / 1e6 if seconds else None


def cpu_rate(measured: Measured) -> float | None:
    """Return million points per second of processor time."""
    return rate(measured.points, [took.cpu_s for took in measured.rounds])


def write(report: Report, folder: Path) -> str:
    """Write join.md, join.json and join.svg; return the first."""
    text = _text(report)
    (folder / "join.md").write_text(text)
    (folder / "join.json").write_text(json.dumps(_figures(report), indent=1, ensure_ascii=False) + "\n")
    (folder / "join.svg").write_text(plot([(_title(place), _bars(place)) for place in report.contests]))
    return text


def _figures(report: Report) -> dict[str, Any]:
    figures = asdict(report)
    for place, contest in zip(figures["contests"], report.contests, strict=True):
        place["measured"] = [_named(one) for one in contest.measured]
        place["limit"] = [took._asdict() for took in contest.limit]
    figures["thorns"] = [_named(one) for one in report.thorns]
    figures["ours_thorns"] = report.ours_thorns._asdict()
    return figures


def _named(measured: Measured) -> dict[str, Any]:
    figures = vars(measured) | {"rounds": [took._asdict() for took in measured.rounds]}
    return {key: value._asdict() if hasattr(value, "_asdict") else value for key, value in figures.items()}


# --- the text ------------------------------------------------------------------------------------


def _text(report: Report) -> str:
    small, large = (place.vertices for place in report.contests)
    parts = [INTRODUCTION.format(small=small, large=large)]
    parts += [f"## {_title(place)}\n\n{table(SPEED, _speed(place))}\n" for place in report.contests]
    parts.append(f"## 答错的点 / Wrong answers\n\n{table(MISTAKES, _mistakes(report))}\n{_thorns(report)}\n")
    parts.append(f"## 单点查询 / One point\n\n{table(LATENCY, _latencies(report))}\n")
    about = report.about | {f"rounds {place.world}": str(len(place.limit)) for place in report.contests}
    parts.append("## 机器 / Machine\n\n" + ", ".join(f"{name} {value}" for name, value in about.items()) + "\n")
    return "\n".join(parts)


def _title(place: Contest) -> str:
    return f"{place.world}：每分站约 {place.vertices:.0f} 个顶点 / about {place.vertices:.0f} vertices a cell"


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [header, ["---"] + ["---:"] * (len(header) - 1), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _speed(place: Contest) -> list[list[str]]:
    ours = next((cpu_rate(one) for one in place.measured if one.way == OURS), None)
    return [_speed_row(one, ours) for one in place.measured] + [_limit_row(place)]


def _speed_row(one: Measured, ours: float | None) -> list[str]:
    if one.missing or not (one.built and one.ordinary and one.rounds):
        return [one.way, f"{_reason(one)}", *[EMPTY] * (len(SPEED) - 2)]
    cpu = cpu_rate(one)
    mb = one.ordinary.mb
    return [
        one.way,
        f"{one.points:,}",
        short(rate(one.points, [took.wall_s for took in one.rounds])),
        short(cpu),
        short(ours / cpu if ours and cpu else None),
        short(None if mb is None else mb * 1e7 / one.points),
        short(one.built.seconds),
        short(one.built.mb),
    ]


def _limit_row(place: Contest) -> list[str]:
    name = f"内存极限 memory limit: 2 × float64 → 1 byte, {LIMIT_THREADS} threads"
    rates = [rate(place.limit_points, [getattr(took, kind) for took in place.limit]) for kind in Took._fields]
    return [name, f"{place.limit_points:,}", *map(short, rates), *[EMPTY] * (len(SPEED) - 4)]


def _reason(one: Measured) -> str:
    return f"没有结果 {one.missing}" if one.missing else "没有测到 no round before the time was up"


def _mistakes(report: Report) -> list[list[str]]:
    rows = []
    for number, thorn in enumerate(report.thorns):
        places = [place.measured[number] for place in report.contests]
        checks = [check for one in places for check in (one.ordinary, one.hard)]
        rows.append([thorn.way, *(_wrong(check) for check in [*checks, thorn.hard])])
    return rows


def _wrong(check: Checked | None) -> str:
    return f"{check.wrong:,} / {check.points:,}" if check else EMPTY


def _thorns(report: Report) -> str:
    count, worlds = _wrong(report.ours_thorns), report.dose.thorny_worlds
    return (
        f"\n另有 {worlds} 个随机荆棘网格，gisgrid 答错 / Wrong in {worlds} more random thorny grids, gisgrid: {count}\n"
    )


def _latencies(report: Report) -> list[list[str]]:
    rows = []
    for number, one in enumerate(report.contests[0].measured):
        latencies = [place.measured[number].latency for place in report.contests]
        if any(latencies):
            times = [(EMPTY, EMPTY) if it is None else (short(it.median_us), short(it.p99_us)) for it in latencies]
            rows.append([one.way, *(text for pair in times for text in pair)])
    return rows


# --- the plot ------------------------------------------------------------------------------------


def _bars(place: Contest) -> list[Bar]:
    bars = []
    for one in place.measured:
        wrong = sum(check.wrong for check in (one.ordinary, one.hard) if check)
        note = f"{wrong:,} 错 wrong" if wrong else ""
        bars.append(Bar(one.way, cpu_rate(one), note or (_reason(one) if one.missing else "")))
    limit = rate(place.limit_points, [took.cpu_s for took in place.limit])
    return [*bars, Bar("内存极限 memory limit", limit, "")]
