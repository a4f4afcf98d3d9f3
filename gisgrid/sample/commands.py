"""The simulation on the command line."""

import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from gisgrid.database import make_engine
from gisgrid.grid.locate import grid_on, patrollable_mask
from gisgrid.migrations import open_session
from gisgrid.patrols.checkpoints import checkpoints_frame
from gisgrid.sample.phone import HARD, USUAL, Habits
from gisgrid.sample.post import post_simulation
from gisgrid.sample.simulate import Simulation, simulate
from gisgrid.sample.store import store_simulation, write_simulation
from gisgrid.sample.stories.tell import Story, tell_story
from gisgrid.sample.ways import known_ways
from gisgrid.settings import Settings, read_settings

commands = typer.Typer()

KEY: Final = "GISGRID_KEY"
"""Where a key is looked for: on a command line everybody would see it."""
MOST_REASONS: Final = 5


@commands.command("simulate")
def simulate_command(
    days: Annotated[int, typer.Option(min=1, max=3660, help="天数 / number of days")] = 30,
    until: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="最后一天,默认昨天 / last day, default yesterday")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="随机种子 / random seed")] = 1,
    patrollers: Annotated[
        int | None,
        typer.Option(min=1, max=10_000, help="巡逻员人数,默认每个分站两人 / people, default two a substation"),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="写成 CSV 而不入库 / write CSV here, store nothing")
    ] = None,
    post: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            help="发往运行中的服务,密钥取自 GISGRID_KEY 或提示输入 / send to a running service, key from GISGRID_KEY "
            "or typed",
        ),
    ] = None,
    is_hard: Annotated[
        bool,
        typer.Option(
            "--bad-reception",
            help="一成重复,两成迟到,百分之二出错 / one in ten comes twice, one in five late, one in fifty is wrong",
        ),
    ] = False,
    story: Annotated[
        Story | None,
        typer.Option(help="由演示账号演一个故事,不作模拟 / let the demonstration accounts tell a story instead"),
    ] = None,
) -> None:
    """在已载入的网格上模拟巡逻和事件(全部虚构) / make up patrols and incidents on the loaded grid."""
    settings = read_settings()
    if story is not None:
        tell_story(settings, story, typer.echo)
        return
    last = until.date() if until else datetime.now(settings.zone).date() - timedelta(days=1)
    made = simulated(settings, last, days, seed, patrollers, HARD if is_hard else USUAL)
    for path in write_simulation(output, made) if output else ():
        typer.echo(str(path))
    if post and not send(post, os.environ.get(KEY) or typer.prompt("密钥 key", hide_input=True, err=True), made):
        raise typer.Exit(1)
    if not (output or post):
        store(settings, made)


def simulated(
    settings: Settings,
    last: date,
    days: int,
    seed: int = 1,
    patrollers: int | None = None,
    habits: Habits = USUAL,
) -> Simulation:
    """Return `days` days that end with `last` on the loaded grid; the other arguments are those of `simulate`."""
    with open_session(settings.database_url) as session:
        cells, mask, checkpoints = grid_on(session, last).cells, patrollable_mask(session), checkpoints_frame(session)
    return simulate(
        cells,
        mask,
        checkpoints,
        known_ways(cells),
        until=last,
        days=days,
        seed=seed,
        patrollers=patrollers,
        zone=settings.zone,
        metric_crs=settings.metric_crs,
        habits=habits,
    )


def store(settings: Settings, made: Simulation) -> None:
    """Store a simulation under a progress bar and print what became of it."""
    engine = make_engine(settings.database_url)
    try:
        with progress_of(made, "入库 storing") as advance:
            told = store_simulation(engine, made, settings, advance)
    finally:
        engine.dispose()
    tell(*told)


def send(url: str, key: str, made: Simulation) -> bool:
    """Send a simulation to a service under a progress bar; print what became of it, and tell whether all was taken.

    Raises NoAnswer, NotTaken.
    """
    with progress_of(made, "发送 sending") as advance:
        posted = post_simulation(url, key, made, advance)
    tell(posted.fixes, posted.incidents)
    for reason, times in posted.reasons.most_common(MOST_REASONS):
        typer.echo(f"{times} × {reason}", err=True)
    return not posted.reasons


@contextmanager
def progress_of(made: Simulation, what: str) -> Iterator[Callable[[int], None]]:
    """Show how many of a simulation's rows are done; yield what is told so."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task(what, total=len(made.fixes) + len(made.incidents))
        yield lambda rows: bar.advance(task, rows)


def tell(fixes: Mapping[str, int], incidents: Mapping[str, int]) -> None:
    """Print what became of fixes and incidents."""
    for zh, en, told in (("打卡", "check-ins", fixes), ("事件", "incidents", incidents)):
        counts = Counter(told)
        refused = counts["refused"] + counts["conflict"]
        typer.echo(
            f"{zh}:入库 {counts['stored']},重复 {counts['repeated']},网格之外 {counts['outside']},未收 {refused} / "
            f"{en}: stored {counts['stored']}, repeated {counts['repeated']}, outside {counts['outside']}, "
            f"refused {refused}"
        )
