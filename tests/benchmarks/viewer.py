"""The viewer with a million check-ins and 5,000 incidents stored, in a browser slowed six times, beside stock folium.

`make bench`, or `python -m tests.benchmarks.viewer --quick` for a first look.
"""

import argparse
import json
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final, NamedTuple

import pandas as pd
from playwright.sync_api import Browser, Page, sync_playwright

from gisgrid.database import make_engine, session_scope
from gisgrid.incidents.report import store_incidents
from gisgrid.patrols.arrival.check_in import store_fixes
from gisgrid.settings import Settings
from tests.benchmarks.coverage_stores import lay_file
from tests.benchmarks.month import ZONE, Walked
from tests.benchmarks.report import machine, table
from tests.benchmarks.stock_folium import answered, stock_page
from tests.benchmarks.walkers import homes
from tests.browser import LAUNCH, chromium
from tests.pages.conftest import session_of
from tests.service import running

HERE: Final = Path(__file__).parent
SLOWED: Final = 6
EVENTS_A_MINUTE: Final = 500
PEOPLE: Final = 100
DAYS: Final = 30
WIDTH: Final = 1366
HEIGHT: Final = 768
KINDS: Final = ("L0501", "L0101", "L0102", "L0201")
USABLE: Final = "#panel .headline"
CLUSTERS: Final = ".cluster"
STOCK_USABLE: Final = "path.leaflet-interactive"
STOCK_CLUSTERS: Final = ".marker-cluster"
WATCH: Final = """
    window.seen = (isThere) => new Promise((done) => {
        const frame = (next) => requestAnimationFrame(next);
        const look = () => (isThere() ? frame(() => frame(() => done(performance.now()))) : frame(look));
        look();
    });
    seen(() => document.querySelector("%s")).then((ms) => console.debug("%s", ms));
"""
"""In the page itself, and told by it: to be asked from outside takes a slowed page long."""
USABLE_AT: Final = "usable"
DRILL: Final = """async () => {
    const begun = performance.now();
    const are = (...all) => all.every((css) => document.querySelectorAll(css).length === 22);
    document.querySelector("input[value=substation]").click();
    const cells = await seen(() => are("path.cell"));
    const whole = await seen(() => are(".label.substation", "#table tbody tr"));
    return [cells - begun, whole - begun];
}"""
"""See Drilled."""
REST_MS: Final = 3000
TASKS: Final = """
    window.tasks = [];
    new PerformanceObserver((list) => list.getEntries().forEach((it) => tasks.push(it.duration)))
        .observe({ type: "longtask" });
"""

Say = Callable[[str], None]


@dataclass(frozen=True)
class Dose:
    """How much is stored, how often a page is opened, and for how long live events come."""

    fixes: int
    incidents: int
    rounds: int
    live_s: float


FULL: Final = Dose(1_000_000, 5_000, 5, 60.0)
QUICK: Final = Dose(30_000, 300, 2, 6.0)


class Opened(NamedTuple):
    """One opening of a page: bytes over the wire, and milliseconds until it could be used."""

    wire: int
    usable_ms: float


class Drilled(NamedTuple):
    """Milliseconds until the cells of the level below are painted, and until their names and their table are."""

    cells_ms: float
    whole_ms: float


@dataclass
class Seen:
    """What was measured of one page."""

    page: str
    wire_kb: float
    usable_ms: float
    rounds: int
    remark: str = ""


@dataclass
class Live:
    """What happened while events came: how many were sent, tasks above 50 ms, and the mean of all a second."""

    sent: int
    long_tasks: int
    longest_ms: float
    mean_busy_ms: float


def lay(folder: Path, dose: Dose) -> Settings:
    """Make the database, with the days up to yesterday, and return its settings."""
    first = datetime.now(ZONE).date() - timedelta(days=DAYS)
    walked = Walked(PEOPLE, DAYS, dose.fixes // (PEOPLE * DAYS), first)
    (folder / "data").mkdir(parents=True, exist_ok=True)
    lay_file(folder / "data" / "gisgrid.sqlite", [walked])
    settings = Settings(home=folder)
    engine = make_engine(settings.database_url)
    now = datetime.now(UTC)
    numbers = range(dose.incidents)
    places = homes()
    frame = pd.DataFrame(
        {
            "kind": [KINDS[number % len(KINDS)] for number in numbers],
            "reported_at": pd.to_datetime([now - timedelta(minutes=8 * number) for number in numbers], utc=True),
            "received_at": pd.Timestamp(now),
            "longitude": [places[number % len(places)][0] + 2e-6 * number for number in numbers],
            "latitude": [places[number % len(places)][1] for number in numbers],
        }
    )
    with session_scope(engine, write=True) as session:
        store_incidents(session, frame, settings)
    engine.dispose()
    return settings


@contextmanager
def opened(browser: Browser, words: str = "", url: str = "") -> Iterator[Page]:
    """Open an empty page in a browser that knows nothing yet, slowed; signed in where there are words."""
    context = browser.new_context(
        locale="zh-CN", timezone_id="Asia/Shanghai", viewport={"width": WIDTH, "height": HEIGHT}
    )
    if words:
        context.add_cookies([{"name": "gisgrid", "value": words, "url": url}])
    page = context.new_page()
    context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": SLOWED})
    yield page
    context.close()


def opening(page: Page, address: str, usable: str, whole: str) -> Opened:
    """Go to an address; return what came over the wire until all was drawn, and how long until `usable` was painted.

    `usable` and `whole` select an element that is there by then.
    """
    wires = {}
    client = page.context.new_cdp_session(page)
    client.send("Network.enable")
    client.on("Network.loadingFinished", lambda it: wires.update({it["requestId"]: it["encodedDataLength"]}))
    page.add_init_script(WATCH % (usable, USABLE_AT))
    with page.expect_console_message(lambda it: it.text.startswith(USABLE_AT)) as told:
        page.goto(address, wait_until="commit")
    usable_ms = float(told.value.text.removeprefix(USABLE_AT))
    page.wait_for_selector(whole, timeout=60_000)
    page.wait_for_timeout(REST_MS)
    return Opened(sum(wires.values()), usable_ms)


def while_events_come(page: Page, settings: Settings, seconds: float) -> Live:
    """Store EVENTS_A_MINUTE check-ins and incidents for a while; return how busy the page was meanwhile."""
    page.evaluate(TASKS)
    ended = threading.Event()
    sent: list[int] = []
    sender = threading.Thread(target=_send, args=(settings, ended, sent))
    client = page.context.new_cdp_session(page)
    client.send("Performance.enable")
    before = _task_s(client)
    sender.start()
    page.wait_for_timeout(1000 * seconds)
    busy_s = _task_s(client) - before
    ended.set()
    sender.join()
    tasks = page.evaluate("tasks")
    return Live(len(sent), len(tasks), max(tasks, default=0.0), 1000 * busy_s / max(len(sent), 1))


def _task_s(client: Any) -> float:
    metrics = client.send("Performance.getMetrics")["metrics"]
    return float(next(it["value"] for it in metrics if it["name"] == "TaskDuration"))


def _send(settings: Settings, ended: threading.Event, sent: list[int]) -> None:
    engine = make_engine(settings.database_url)
    places = homes()
    while not ended.wait(60 / EVENTS_A_MINUTE):
        number = len(sent)
        now = datetime.now(UTC)
        longitude, latitude = places[number % len(places)]
        at = {"longitude": [longitude + 1e-6 * number], "latitude": [latitude], "received_at": pd.Timestamp(now)}
        with session_scope(engine, write=True) as session:
            if number % 10 == 0:
                frame = pd.DataFrame({"kind": [KINDS[0]], "reported_at": pd.to_datetime([now], utc=True), **at})
                store_incidents(session, frame, settings)
            else:
                whose = {"patroller_ref": f"P{number % PEOPLE + 1}", "fix_at": pd.to_datetime([now], utc=True)}
                store_fixes(session, pd.DataFrame({**whose, **at, "accuracy_m": 5.0}), settings)
        sent.append(number)
    engine.dispose()


def compare(dose: Dose, folder: Path, say: Say) -> tuple[list[Seen], Drilled, Live]:
    """Open the viewer and stock folium in turn; return both, how long drilling down took, and the live minute."""
    say("data")
    settings = lay(folder, dose)
    engine = make_engine(settings.database_url)
    words = session_of(engine)
    stock = folder / "stock.html"
    stock.write_text(stock_page(engine, settings), encoding="utf-8")
    engine.dispose()
    ours: list[Opened] = []
    theirs: list[Opened] = []
    drills: list[Drilled] = []
    with running(folder) as service, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=LAUNCH)
        with opened(browser, words, service.url) as page:  # the first report of a process is worked out once
            opening(page, f"{service.url}/", USABLE, CLUSTERS)
        for number in range(dose.rounds):
            say(f"round {number + 1}")
            with opened(browser, words, service.url) as page:
                ours.append(opening(page, f"{service.url}/", USABLE, CLUSTERS))
                drills.append(Drilled(*page.evaluate(DRILL)))
            with opened(browser) as page, answered(page):
                theirs.append(opening(page, stock.as_uri(), STOCK_USABLE, STOCK_CLUSTERS))
        say("live")
        with opened(browser, words, service.url) as page:
            opening(page, f"{service.url}/", USABLE, CLUSTERS)
            live = while_events_come(page, settings, dose.live_s)
        browser.close()
    seen = [
        _seen("gisgrid", ours, f"{dose.fixes:,} 条打卡与 {dose.incidents:,} 件事件在库 / stored"),
        _seen(
            "stock folium", theirs, f"文件 {stock.stat().st_size / 1e6:.1f} MB，CDN 由本地应答 / CDN answered locally"
        ),
    ]
    return seen, Drilled(*(statistics.median(column) for column in zip(*drills, strict=True))), live


def _seen(name: str, rounds: Sequence[Opened], remark: str) -> Seen:
    wire, usable = (statistics.median(column) for column in zip(*rounds, strict=True))
    return Seen(name, wire / 1000, usable, len(rounds), remark)


INTRODUCTION: Final = f"""# 一张图：对比 / The viewer: a comparison

由 `make bench` 生成。Chromium 减速 {SLOWED} 倍，{WIDTH}×{HEIGHT}，每次用空缓存打开；“可用”指网格已着色、数字已显示。
stock folium 是同样的网格和事件，用 folium 自己的写法（GeoJson、MarkerCluster）；它要的 CDN 文件由本地立即应答，
本地没有的直接跳过（对它有利），字节数含文件本身。

Written by `make bench`: Chromium slowed {SLOWED} times, each opening with an empty cache; usable: cells coloured,
figures shown. Stock folium has the same cells and incidents in its own way (GeoJson, MarkerCluster); the files it
wants from CDNs are answered locally at once, those that are not at hand are left out (to its advantage).
"""


def write(seen: Sequence[Seen], drilled: Drilled, live: Live, about: dict[str, str], folder: Path) -> str:
    """Write viewer.md and viewer.json; return the first."""
    stock = seen[-1]
    rows = [
        [
            *(it.page, str(it.rounds), f"{it.wire_kb:.0f}", f"{it.usable_ms:.0f}"),
            *(f"{stock.usable_ms / it.usable_ms:.1f}", it.remark),
        ]
        for it in seen
    ]
    parts = [
        INTRODUCTION,
        table(("页面 Page", "轮 Rounds", "传输 kB", "可用 usable ms", "倍数 ×", "说明 Remark"), rows),
        f"\n下钻到工作分站:网格 {drilled.cells_ms:.0f} ms,连同名称和表格 {drilled.whole_ms:.0f} ms / drill-down: "
        f"{drilled.cells_ms:.0f} ms for the cells, {drilled.whole_ms:.0f} ms with names and table (medians)\n",
        f"\n每分钟 {EVENTS_A_MINUTE} 个实时事件 / live events a minute: 共 {live.sent} 个,每个占用主线程 "
        f"{live.mean_busy_ms:.1f} ms / of the main thread each; 超过 50 ms 的任务 {live.long_tasks} 个 / tasks above "
        f"50 ms, 最长 {live.longest_ms:.0f} ms / the longest\n",
        "\n## 机器 / Machine\n\n" + ", ".join(f"{key} {value}" for key, value in about.items()) + "\n",
    ]
    text = "\n".join(parts)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "viewer.md").write_text(text)
    told = {"about": about, "pages": [asdict(it) for it in seen], "drilled": drilled._asdict(), "live": asdict(live)}
    (folder / "viewer.json").write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n")
    return text


def main() -> int:
    """Run, write the table and the figures."""
    asked = _arguments()
    began = time.monotonic()

    def say(text: str) -> None:
        sys.stderr.write(f"{time.monotonic() - began:6.0f} s  {text}\n")

    about = machine(("folium", "playwright"))
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="gisgrid-bench-")))
        measured = compare(QUICK if asked.quick else FULL, folder, say)
    sys.stdout.write(write(*measured, about, asked.to))
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.viewer", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="三万条，结果写入 build/ / 30,000 fixes, into build/")
    parser.add_argument("--to", type=Path, help="结果目录 / folder of the results")
    asked = parser.parse_args()
    asked.to = asked.to or (HERE.parent.parent / "build" / "benchmarks" if asked.quick else HERE)
    return asked


if __name__ == "__main__":
    sys.exit(main())
