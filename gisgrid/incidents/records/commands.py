"""Records of the past on the command line."""

import typer

from gisgrid.incidents.records.imports import import_records
from gisgrid.intake.import_commands import Column, Crs, Source, Strict, Timezone, columns_of, run_import, zone_of
from gisgrid.intake.imports import Wishes

commands = typer.Typer()


@commands.command("records")
def records_command(
    file: Source, crs: Crs = None, timezone: Timezone = None, column: Column = None, strict: Strict = False
) -> None:
    """导入以往的案件及其各步时间,供统计指标 / bring incidents of the past with their times, for the figures."""
    run_import(import_records, file, Wishes(zone_of(timezone), columns_of({}, column), {}, crs, strict))
