"""What was measured of the write path, as a table to read, figures to compute with, and a plot."""

import json
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np

from tests.benchmarks.plot import Bar, Scale, plot, short
from tests.benchmarks.report import table

PLAIN: Final = "FastAPI + SQLAlchemy"
FIRST_RATE: Final = 2000
"""Check-ins a second that are expected before anything was measured."""

COLUMNS: Final = (
    "做法 Way",
    "请求/秒 requests/s",
    "打卡/秒 check-ins/s",
    "倍数 ×",
    "p50 ms",
    "p99 ms",
    "p99 ÷ 普通做法 p50 plain's p50",
    "服务 CPU µs/条 service",
    "数据库 CPU µs/条 database",
    "打卡/CPU 秒 check-ins/CPU s",
    "CPU 倍数 ×",
    "发送端 CPU sender",
)
SCALE: Final = Scale("每秒打卡，对数刻度 — check-ins a second, logarithmic", 10.0, 10_000.0)

INTRODUCTION: Final = """# 打卡入库：对比 / Taking in check-ins: a comparison

由 `make bench` 生成：各做法在同一次运行中轮流测量，{rounds} 轮，每轮 {seconds:g} 秒，取中位数；32 个连接，一个进程，
`synchronous=FULL`（PostgreSQL：`synchronous_commit=on`、`fsync=on`）。手机按时间顺序发送，相隔 10–30 秒，沿路步行，
设备已登记且有人签到。“普通做法”是 FastAPI + SQLAlchemy 的教科书写法：pydantic 校验、同一索引归格、每个请求一次提交，
不查令牌、班次，也不判定；gisgrid 全做。发送端是另一个进程，请求事先备好。机器若同时忙于别的事，看“打卡/CPU 秒”。

Made by `make bench`: all ways in turn within one run, {rounds} rounds of {seconds:g} s, medians; 32 connections, one
worker, `synchronous=FULL` (PostgreSQL: `synchronous_commit=on`, `fsync=on`). Phones send in the order of their walks,
10 to 30 s apart, from enrolled devices with somebody signed on. The plain way is FastAPI and SQLAlchemy as tutorials
have it: pydantic, the same index, one commit a request; it asks for no token, knows no shifts and judges nothing, all
of which gisgrid does. The sender is a process of its own with its requests made beforehand. Where the machine is busy
with something else, look at check-ins per CPU second.

"""


@dataclass(frozen=True)
class Dose:
    """How much is measured."""

    phones: int
    rounds: int
    seconds: float


class Round(NamedTuple):
    """The seconds of each request; how long all took; what the sender, the service and the database computed."""

    latencies_s: list[float]
    wall_s: float
    sender_s: float
    service_s: float
    database_s: float


@dataclass
class Measured:
    """What is known of one way on one kind of database."""

    database: str
    way: str
    size: int
    acknowledged: int = 0
    rounds: list[Round] = field(default_factory=list)
    latest_rate: float | None = None

    def note(self, round_: Round, *, is_counted: bool) -> None:
        """Add a round; one for warming up is not counted."""
        requests = len(round_.latencies_s)
        self.acknowledged += requests * self.size
        self.latest_rate = requests / round_.wall_s
        if is_counted:
            self.rounds.append(round_)

    def requests_in(self, seconds: float) -> int:
        """Return how many requests it will hardly be through with in so many seconds."""
        rate = FIRST_RATE / self.size if self.latest_rate is None else self.latest_rate
        return int(1.5 * seconds * rate)

    @property
    def requests_per_s(self) -> float:
        """Requests answered in a second of the median round."""
        return statistics.median(len(each.latencies_s) / each.wall_s for each in self.rounds)

    @property
    def per_s(self) -> float:
        """Check-ins acknowledged in a second."""
        return self.size * self.requests_per_s

    @property
    def per_cpu_s(self) -> float:
        """Check-ins acknowledged in a second of the processors of service and database."""
        return 1e6 / (self.cpu_us("service_s") + self.cpu_us("database_s"))

    def cpu_us(self, whose: str) -> float:
        """Microseconds that somebody computes for a check-in, in the median round."""
        parts = (getattr(each, whose) / len(each.latencies_s) for each in self.rounds)
        return 1e6 * statistics.median(parts) / self.size

    def latency_ms(self, percent: float) -> float:
        """The time within which so many percent of the requests of all rounds were answered."""
        return float(1000 * np.percentile(np.concatenate([each.latencies_s for each in self.rounds]), percent))


@dataclass(frozen=True)
class Report:
    """All that was measured in one run."""

    about: dict[str, str]
    dose: Dose
    measured: list[Measured]

    def panels(self) -> list[tuple[str, list[Measured]]]:
        """Return the measurements that are to be compared with one another, each under its title."""
        return [
            (f"{database}，{_in_words(size)}", list(its))
            for (database, size), its in groupby(self.measured, key=lambda one: (one.database, one.size))
        ]


def _in_words(size: int) -> str:
    return "单条 / one at a time" if size == 1 else f"每批 {size} 条 / {size} at a time"


def write(report: Report, folder: Path) -> str:
    """Write check_ins.md, check_ins.json and check_ins.svg; return the first."""
    parts = [INTRODUCTION.format(rounds=report.dose.rounds, seconds=report.dose.seconds)]
    parts += [f"## {title}\n\n{table(COLUMNS, _rows(its))}\n" for title, its in report.panels()]
    parts.append("## 机器 / Machine\n\n" + ", ".join(f"{name} {value}" for name, value in report.about.items()) + "\n")
    text = "\n".join(parts)
    (folder / "check_ins.md").write_text(text)
    (folder / "check_ins.json").write_text(json.dumps(_figures(report), indent=1, ensure_ascii=False) + "\n")
    bars = [(title, [Bar(one.way, one.per_s, "") for one in its]) for title, its in report.panels()]
    (folder / "check_ins.svg").write_text(plot(bars, SCALE))
    return text


def _rows(compared: Sequence[Measured]) -> list[list[str]]:
    plain = next(one for one in compared if one.way == PLAIN)
    return [_row(one, plain) for one in compared]


def _row(one: Measured, plain: Measured) -> list[str]:
    p99_ms = one.latency_ms(99)
    sender = statistics.median(each.sender_s / each.wall_s for each in one.rounds)
    figures = (
        one.requests_per_s,
        one.per_s,
        one.per_s / plain.per_s,
        one.latency_ms(50),
        p99_ms,
        p99_ms / plain.latency_ms(50),
        one.cpu_us("service_s"),
        one.cpu_us("database_s"),
        one.per_cpu_s,
        one.per_cpu_s / plain.per_cpu_s,
    )
    return [one.way, *map(short, figures), f"{sender:.0%}"]


def _figures(report: Report) -> dict[str, Any]:
    return {"about": report.about, "dose": asdict(report.dose), "measured": [_told(one) for one in report.measured]}


def _told(one: Measured) -> dict[str, Any]:
    rounds = [
        {"requests": len(each.latencies_s), **{name: getattr(each, name) for name in Round._fields[1:]}}
        for each in one.rounds
    ]
    latencies = {f"p{percent}_ms": one.latency_ms(percent) for percent in (50, 90, 99)}
    return {"database": one.database, "way": one.way, "size": one.size, **latencies, "rounds": rounds}
