"""Sheets of orders on the command line: taken in and answered, and told back."""

from pathlib import Path
from typing import Annotated

import typer

from gisgrid.audit.record import OPERATOR, record
from gisgrid.database import make_engine
from gisgrid.documents.workbook import workbook
from gisgrid.errors import Refused
from gisgrid.grid.points import writable
from gisgrid.incidents.exchange.orders import OrderSource
from gisgrid.incidents.exchange.take_orders import Taken, take_sheet
from gisgrid.incidents.exchange.tell_back import told_back
from gisgrid.migrations import open_session, require_current
from gisgrid.parameters import Period
from gisgrid.settings import read_settings

commands = typer.Typer()


class NoFile(Refused):
    """A file that is not there, or cannot be read."""


@commands.command("exchange-in")
def in_command(
    file: Annotated[Path, typer.Argument(help="工单表 .xlsx 或 .csv / the orders", show_default=False)],
    answer: Annotated[Path, typer.Option(help="写回结果的 .xlsx / workbook for the answers", show_default=False)],
    source: Annotated[OrderSource, typer.Option(help="行中没有来源时 / where a row names no source")] = "hotline",
) -> None:
    """导入 12345 或上级交办工单,结果写回同一张表 / take in orders and answer them in their sheet."""
    settings = read_settings()
    target, data = writable(answer), _bytes_of(file)
    engine = make_engine(settings.database_url)
    try:
        require_current(engine)
        taken = take_sheet(engine, data, settings, source, OPERATOR)
    finally:
        engine.dispose()
    _write(target, taken.workbook)
    _tell(taken)


@commands.command("exchange-out")
def out_command(
    file: Annotated[Path, typer.Argument(help="要写的 .xlsx / workbook to write", show_default=False)],
    period: Annotated[
        str | None, typer.Option(help="上报时段 起/止 / reported in: 2026-11-01/2026-11-30", show_default=False)
    ] = None,
    source: Annotated[OrderSource | None, typer.Option(help="只要一种来源 / of one source alone")] = None,
) -> None:
    """导出工单的办理情况,回复来源单位 / write what was done about the orders, for whoever sent them."""
    settings = read_settings()
    asked = None if period is None else Period.parse(period, settings.zone)
    target = writable(file)
    with open_session(settings.database_url, write=True) as session:
        rows = told_back(session, settings.zone, source, asked)
        record(session, OPERATOR, "export.incidents", rows=len(rows) - 1, kind="orders")
    _write(target, workbook({"工单 orders": rows}))
    typer.echo(f"{len(rows) - 1} 件 / {len(rows) - 1} orders: {target}")


def _bytes_of(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise NoFile(
            f"{path.name}:打不开({error.strerror})", f"{path.name}: cannot be opened ({error.strerror})"
        ) from error


def _write(path: Path, data: bytes) -> None:
    path.touch(mode=0o600)  # it says how to reach people
    path.write_bytes(data)


def _tell(taken: Taken) -> None:
    stored, before = taken.counts["stored"], taken.counts["repeated"]
    typer.echo(
        f"入库 {stored},此前已入库 {before},未收 {taken.refused}\n"
        f"stored {stored}, stored before {before}, not taken {taken.refused}"
    )
    if taken.refused:
        typer.echo(
            "未收的原因写在答复表中,改好后可再导入 / why not is in the answered sheet: correct it and send it again"
        )
        raise typer.Exit(1)
