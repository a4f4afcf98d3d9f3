"""Plans and checkpoints on the command line."""

from datetime import UTC, datetime
from typing import Annotated

import typer
from sqlalchemy import func, select

from gisgrid.audit.record import OPERATOR
from gisgrid.intake.import_commands import (
    Column,
    Crs,
    Latitude,
    Longitude,
    Source,
    Strict,
    columns_of,
    run_import,
    zone_of,
)
from gisgrid.intake.imports import Wishes
from gisgrid.migrations import open_session
from gisgrid.parameters import MAX_LIMIT, Page
from gisgrid.patrols.plans.change_checkpoints import code_at, retire_checkpoint
from gisgrid.patrols.plans.change_plans import end_plan
from gisgrid.patrols.plans.imports import import_checkpoints
from gisgrid.patrols.plans.present import plans_page
from gisgrid.patrols.plans.report import plan_report
from gisgrid.patrols.tables import Checkpoint
from gisgrid.settings import read_settings
from gisgrid.staff.qr import qr_terminal

checkpoints = typer.Typer(name="checkpoints", help="打卡点 / checkpoints", no_args_is_help=True)
plans = typer.Typer(name="plans", help="巡查计划与专项行动 / plans and special operations", no_args_is_help=True)

Code = Annotated[str, typer.Argument(help="打卡点编码 / code of the checkpoint", show_default=False)]
Number = Annotated[int, typer.Argument(min=1, help="计划编号 / number of the plan", show_default=False)]


# --- checkpoints -----------------------------------------------------------------------------------


@checkpoints.command("import")
def import_command(
    file: Source,
    crs: Crs = None,
    longitude: Longitude = None,
    latitude: Latitude = None,
    column: Column = None,
    strict: Strict = False,
) -> None:
    """从文件导入打卡点;已有的按文件更新 / import checkpoints from a file; known ones take what the file says."""
    columns = columns_of({"longitude": longitude, "latitude": latitude}, column)
    run_import(import_checkpoints, file, Wishes(zone_of(None), columns, {}, crs, strict))


@checkpoints.command("list")
def list_command() -> None:
    """列出打卡点 / list the checkpoints: code, name, longitude, latitude, radius, stay, days of a code."""
    with open_session(read_settings().database_url) as session:
        place = (func.ST_X(Checkpoint.geometry), func.ST_Y(Checkpoint.geometry))
        asked = select(Checkpoint, *place).order_by(Checkpoint.code)
        for each, longitude, latitude in session.execute(asked):
            asks = [f"{each.radius_m:g} m", f"{each.dwell_s:g} s", f"{each.code_days} d" if each.code_days else "-"]
            retired = ["已撤 retired"] if each.retired_at else []
            typer.echo("\t".join([each.code, each.name, f"{longitude:.7f}", f"{latitude:.7f}", *asks, *retired]))


@checkpoints.command("code")
def code_command(code: Code) -> None:
    """显示今天的打卡码和二维码 / show today's code of a checkpoint, and as a QR code."""
    settings = read_settings()
    with open_session(settings.database_url) as session:
        shown = code_at(session, settings.zone, code, datetime.now(settings.zone).date())
    typer.echo(f"{shown.code}\t{shown.first_day} – {shown.last_day}")
    typer.echo(qr_terminal(shown.code))


@checkpoints.command("retire")
def retire_command(code: Code) -> None:
    """撤销打卡点 / retire a checkpoint."""
    settings = read_settings()
    with open_session(settings.database_url, write=True) as session:
        retire_checkpoint(session, settings.zone, OPERATOR, code)
    typer.echo(f"已撤销 / retired: {code}")


# --- plans -----------------------------------------------------------------------------------------


@plans.command("list")
def list_plans_command() -> None:
    """列出计划 / list the plans: number, name, first and last day, how many places."""
    with open_session(read_settings().database_url) as session:
        for plan in plans_page(session, Page(MAX_LIMIT, 0))[1]:
            kind = ["专项行动 operation"] if plan.is_operation else []
            ended = ["已结束 ended"] if plan.ended_at else []
            days = f"{plan.first_day} – {plan.last_day or ''}".strip()
            typer.echo("\t".join([str(plan.id), plan.name, days, f"{len(plan.places)}", *kind, *ended]))


@plans.command("report")
def report_command(plan: Number) -> None:
    """输出一个计划或专项行动的报告(JSON) / print the report of a plan or special operation as JSON."""
    settings = read_settings()
    with open_session(settings.database_url) as session:
        report = plan_report(session, settings, plan, datetime.now(UTC))
    typer.echo(report.model_dump_json(indent=2))


@plans.command("end")
def end_command(plan: Number) -> None:
    """结束一个计划 / end a plan now."""
    settings = read_settings()
    with open_session(settings.database_url, write=True) as session:
        end_plan(session, settings, OPERATOR, plan)
    typer.echo(f"已结束 / ended: {plan}")
