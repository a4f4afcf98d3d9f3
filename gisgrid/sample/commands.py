"""The simulation on the command line."""

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from gisgrid.database import make_engine
from gisgrid.grid.locate import grid_on, patrollable_mask
from gisgrid.migrations import open_session
from gisgrid.patrols.checkpoints import checkpoints_frame
from gisgrid.sample.simulate import Simulation, simulate
from gisgrid.sample.store import store_simulation, write_simulation
from gisgrid.sample.ways import known_ways
from gisgrid.settings import Settings, read_settings

commands = typer.Typer()


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
) -> None:
    """在已载入的网格上模拟巡逻和事件(全部虚构) / make up patrols and incidents on the loaded grid."""
    settings = read_settings()
    last = until.date() if until else datetime.now(settings.zone).date() - timedelta(days=1)
    made = simulated(settings, last, days, seed, patrollers)
    if output is not None:
        for path in write_simulation(output, made):
            typer.echo(str(path))
        return
    store(settings, made)


def simulated(settings: Settings, last: date, days: int, seed: int = 1, patrollers: int | None = None) -> Simulation:
    """Return `days` days that end with `last` on the loaded grid; `patrollers` is by default two to a substation."""
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
    )


def store(settings: Settings, made: Simulation) -> None:
    """Store a simulation under a progress bar and print what became of it."""
    engine = make_engine(settings.database_url)
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=Console(stderr=True),
    )
    try:
        with bar:
            task = bar.add_task("入库 storing", total=len(made.fixes) + len(made.incidents))
            fixes, incidents = store_simulation(engine, made, settings, lambda rows: bar.advance(task, rows))
    finally:
        engine.dispose()
    for zh, en, counts in (("打卡", "check-ins", fixes), ("事件", "incidents", incidents)):
        refused = counts["refused"] + counts["conflict"]
        typer.echo(
            f"{zh}:入库 {counts['stored']},重复 {counts['repeated']},网格之外 {counts['outside']},未收 {refused} / "
            f"{en}: stored {counts['stored']}, repeated {counts['repeated']}, outside {counts['outside']}, "
            f"refused {refused}"
        )
