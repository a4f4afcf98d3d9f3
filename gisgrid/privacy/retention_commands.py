"""Retention on the command line."""

from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from gisgrid.audit.record import OPERATOR
from gisgrid.database import session_scope
from gisgrid.migrations import open_engine, open_session
from gisgrid.parameters import Period
from gisgrid.privacy import holds
from gisgrid.privacy.raw_days import keep_raw_days
from gisgrid.privacy.retention import Plan, plan, run
from gisgrid.settings import Settings, read_settings

commands = typer.Typer(name="retention", help="保存期限与留证 / retention and holds", no_args_is_help=True)
PAGE = 120
"""Characters in a line of a table that goes into a file or a pipe."""


@commands.command("run")
def run_command(
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="只列出到期的,不清除 / list what is due and leave it")
    ] = False,
) -> None:
    """清除到期的资料并封存日期;服务每小时自动执行 / purge what is due and seal days; the service does so hourly."""
    settings, now = read_settings(), datetime.now(UTC)
    with open_engine(settings.database_url) as engine:
        with session_scope(engine) as session:
            due = plan(session, settings, now)
        _show(due, settings)
        if dry_run:
            typer.echo("未做任何改动 / nothing was changed", err=True)
            return
        done = run(engine, settings, now, OPERATOR)
    gone = sum(done.values()) - done["days"]
    typer.echo(f"已封存 {done['days']} 天,清除 {gone} 条 / {done['days']} days sealed, {gone} rows purged")


def _show(due: Plan, settings: Settings) -> None:
    console = Console()
    if not console.is_terminal:
        console = Console(width=PAGE)
    console.print(
        f"打卡保留 {settings.fix_days} 天:{due.limits.first_day} 起的保留 / "
        f"fixes are kept for {settings.fix_days} days: those from {due.limits.first_day} on stay",
        highlight=False,
    )
    table = Table()
    for heading in ("到期 Due", "条数 Rows", "其中留证 Held"):
        table.add_column(heading, justify="left" if heading.startswith("到期") else "right")
    for day in due.days:
        table.add_row(f"封存 seal {day.day}", f"{day.fixes:,}", f"{day.evidence:,}")
    for each in due.rows:
        if each.rows:
            table.add_row(f"{each.zh} {each.en}", f"{each.rows:,}", "")
    console.print("没有到期的资料 / nothing is due" if due.is_empty else table)


@commands.command("keep-days")
def keep_days_command(
    first: Annotated[datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="第一天 / first day")] = None,
    last: Annotated[datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="最后一天 / last day")] = None,
) -> None:
    """过去各日的打卡另存为 GeoParquet(data/days/),同期清除 / keep past days as GeoParquet, no longer than here."""
    settings = read_settings()
    span = (first and first.date(), last and last.date())
    with open_engine(settings.database_url) as engine:
        done = keep_raw_days(engine, settings, datetime.now(UTC), *span, actor=OPERATOR)
    typer.echo(
        f"{settings.raw_days}:写出 {done['written']} 天,{done['same']} 天未变,删除 {done['dropped']} 天 / ", nl=False
    )
    typer.echo(f"{done['written']} days written, {done['same']} as they were, {done['dropped']} deleted")


@commands.command("hold")
def hold_command(
    patroller: Annotated[str, typer.Option(help="巡查员编号 / name in patrols")],
    period: Annotated[str, typer.Option(help="时段 起/止 / start/end: 2026-11-01T08:00/2026-11-01T18:00")],
    reason: Annotated[str, typer.Option(help="留证原因 / why")],
    incident: Annotated[int | None, typer.Option(help="事件编号 / number of the incident")] = None,
) -> None:
    """将一段轨迹留作证据,不随保存期限清除 / keep a stretch of a track as evidence, whatever is purged."""
    settings = read_settings()
    asked = Period.parse(period, settings.zone)
    with open_session(settings.database_url, write=True) as session:
        made = holds.hold(session, settings, OPERATOR, patroller, asked, reason, incident)
        typer.echo(f"留证 {made.id},保留至 {made.until} / hold {made.id}, until {made.until}")


@commands.command("holds")
def holds_command() -> None:
    """列出留证的轨迹 / list what is held as evidence."""
    settings = read_settings()
    with open_session(settings.database_url) as session:
        found = holds.holds(session)
    for each in found:
        held = each.hold
        incident = "" if held.incident is None else f"事件 incident {held.incident}"
        span = Period(held.start_at, held.end_at).told(settings.zone)
        count = f"{each.fixes} 条 fixes"
        parts = (str(held.id), each.patroller, span, count, f"至 until {held.until}", incident, held.reason)
        typer.echo("  ".join(filter(None, parts)))
    typer.echo(f"共 {len(found)} 项 / {len(found)} holds", err=True)


@commands.command("release")
def release_command(number: Annotated[int, typer.Argument(help="留证编号 / number of the hold")]) -> None:
    """解除留证;封存日的打卡将在下次清除 / end a hold; its fixes of sealed days go with the next purge."""
    with open_session(read_settings().database_url, write=True) as session:
        holds.release(session, OPERATOR, number)
    typer.echo(f"已解除留证 {number} / hold {number} is released")
