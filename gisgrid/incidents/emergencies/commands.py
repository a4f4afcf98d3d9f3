"""Contingency plans on the command line: listed, written out, brought in."""

from pathlib import Path
from typing import Annotated

import typer

from gisgrid.audit.record import OPERATOR
from gisgrid.grid.points import writable
from gisgrid.incidents.emergencies.plans import bring_plans, calls_of, checklist_of, plans_in_force, read_plans, written
from gisgrid.migrations import open_session
from gisgrid.settings import read_settings

commands = typer.Typer()


@commands.command("plans")
def plans_command() -> None:
    """列出应急预案:编码、名称、启动它的类别、通知谁 / list the contingency plans."""
    with open_session(read_settings().database_url) as session:
        for plan in plans_in_force(session):
            called = " → ".join(call.role or str(call.department) for call in calls_of(plan))
            kinds = plan.kinds or "其他全部 all others"
            count = f"{len(checklist_of(plan))} 项 tasks"
            typer.echo("\t".join([plan.code, f"{plan.name_zh} {plan.name_en}", kinds, called, count]))


@commands.command("plans-export")
def export_command(
    file: Annotated[Path, typer.Argument(help="要写的 .json 文件 / file to write", show_default=False)],
) -> None:
    """导出应急预案,改后可再导入 / write the contingency plans to a file, to be edited and brought back."""
    with open_session(read_settings().database_url) as session:
        text = written(plans_in_force(session))
    writable(file).write_text(text, "utf-8")
    typer.echo(file)


@commands.command("plans-import")
def import_command(
    file: Annotated[
        Path, typer.Argument(help="预案 .json 文件 / plans", exists=True, dir_okay=False, show_default=False)
    ],
) -> None:
    """导入应急预案,取代现有的;正在进行的不受影响 / bring in plans in place of those there are; what runs goes on."""
    plans = read_plans(file.read_bytes())
    with open_session(read_settings().database_url, write=True) as session:
        count = bring_plans(session, OPERATOR, plans)
    typer.echo(f"已导入 {count} 个预案 / {count} plans brought in")
