"""The audit on the command line."""

import json
from datetime import datetime, time
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gisgrid.audit.finding import entries_page
from gisgrid.audit.heads import FILE, Head, export_head, heads_folder, read_heads
from gisgrid.audit.purge import purge
from gisgrid.audit.record import ENTRIES, HEAD
from gisgrid.audit.verify import MOST, verify
from gisgrid.migrations import open_session
from gisgrid.parameters import Page, Period
from gisgrid.settings import Settings, read_settings

commands = typer.Typer(name="audit", help="审计记录 / the audit", no_args_is_help=True)


@commands.callback()
def audit() -> None:
    """审计记录 / the audit."""


@commands.command("verify")
def verify_command(
    heads: Annotated[
        Path | None, typer.Option(help="已导出的链头,默认 data/audit/heads.csv / exported heads, default: as named")
    ] = None,
) -> None:
    """查验审计记录是否完好;有缺失、改动或截断时退出码为 1 / prove the audit whole; exit status 1 if it is not."""
    settings = read_settings()
    exported = _heads(heads, settings)
    with open_session(settings.database_url) as session:
        found = verify(session, exported)
        whole = _whole(session, settings.zone)
    for fault in found:
        typer.echo(f"第 {fault.number} 条{fault.zh} / entry {fault.number} {fault.en}")
    if found:
        count = f"{len(found)}+" if len(found) == MOST else len(found)
        typer.echo(f"审计记录已被破坏:{count} 处 / the audit is not whole: {count} faults")
        raise typer.Exit(1)
    typer.echo(whole)
    typer.echo(_compared(len(exported)))


def _heads(file: Path | None, settings: Settings) -> list[Head]:
    usual = heads_folder(settings) / FILE
    if file is None and not usual.exists():
        return []
    return read_heads(file or usual)


def _compared(heads: int) -> str:
    if not heads:
        return "没有导出的链头可核对,末尾被截去未必看得出 / no exported heads: a cut-off end may not show"
    return f"已与 {heads} 个导出的链头核对 / compared with {heads} exported heads"


def _whole(session: Session, zone: ZoneInfo) -> str:
    """Say what a chain without faults holds."""
    head = session.execute(select(HEAD.c.number, HEAD.c.hash)).first()
    first = session.scalar(select(func.min(ENTRIES.c.number)))
    if head is None or first is None:
        return "完好:还没有记录 / whole: there are no entries"
    first_at, last_at = session.execute(select(func.min(ENTRIES.c.at), func.max(ENTRIES.c.at))).one()
    between = f"{first} – {head.number}, {_local(first_at, zone)} – {_local(last_at, zone)}"
    entries = head.number - first + 1
    return f"完好:{entries} 条 / whole: {entries} entries, {between}\n链头 / head {head.hash}"


@commands.command("list")
def list_command(
    period: Annotated[str | None, typer.Option(help="时段 起/止 / start/end: 2026-11-01/2026-11-30")] = None,
    action: Annotated[str | None, typer.Option(help="行为,可只写前面的词 / what was done: sign_in, role")] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="最多列出几条 / how many at most")] = 50,
) -> None:
    """列出审计记录,新的在前 / list entries, the newest first."""
    settings = read_settings()
    asked = None if period is None else Period.parse(period, settings.zone)
    with open_session(settings.database_url) as session:
        matched, rows = entries_page(session, Page(limit, 0), action=action, period=asked)
    for row in rows:
        typer.echo(_line(row, settings.zone))
    typer.echo(f"共 {matched} 条,列出 {len(rows)} 条 / {len(rows)} of {matched} entries", err=True)


def _line(row: dict[str, Any], zone: ZoneInfo) -> str:
    who, whom = _named(row["actor"], row["actor_id"]), _named(row["subject"], row["subject_id"])
    told = json.dumps(row["detail"], ensure_ascii=False) if row["detail"] else ""
    return "  ".join(filter(None, [str(row["number"]), _local(row["at"], zone), who, row["action"], whom, told]))


def _named(kind: str | None, identifier: int | None) -> str:
    return " ".join(str(part) for part in (kind, identifier) if part is not None)


def _local(moment: datetime, zone: ZoneInfo) -> str:
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M:%S}"


@commands.command("head")
def head_command() -> None:
    """导出当前链头,请另存到别处 / export the head of the chain; keep a copy elsewhere."""
    settings = read_settings()
    with open_session(settings.database_url) as session:
        head = export_head(session, heads_folder(settings), datetime.now(settings.zone).date())
    typer.echo(head.line)


@commands.command("purge")
def purge_command(
    before: Annotated[
        datetime, typer.Option(formats=["%Y-%m-%d"], help="清除这一天之前的 / those from before this day")
    ],
) -> None:
    """清除旧的审计记录,至少保存 183 天 / purge old entries; they are kept for 183 days at least."""
    settings = read_settings()
    with open_session(settings.database_url, write=True) as session:
        entries = purge(session, datetime.combine(before.date(), time(), settings.zone))
    typer.echo(f"已清除 {entries} 条 / {entries} entries purged")
