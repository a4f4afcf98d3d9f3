"""The satisfaction survey on the command line."""

from pathlib import Path
from typing import Annotated

import typer

from gisgrid.audit.record import OPERATOR
from gisgrid.documents.sheets import read_rows
from gisgrid.errors import GisgridError
from gisgrid.incidents.surveys.enter import enter
from gisgrid.incidents.surveys.read_surveys import bad_surveys, read_surveys
from gisgrid.migrations import open_session
from gisgrid.settings import read_settings
from gisgrid.sight import EVERYTHING

commands = typer.Typer()


@commands.command("surveys-import")
def import_command(
    file: Annotated[
        Path,
        typer.Argument(
            help="CSV 或 XLSX:网格编码、月份、调查人数、满意人数 / cell_code, month, asked, satisfied",
            show_default=False,
        ),
    ],
) -> None:
    """导入每月满意度调查;同一网格同一月以后来的为准 / bring monthly surveys; the same cell and month again replaces."""
    found, settings = read_surveys(read_rows(file, file.name)), read_settings()
    faults: list[tuple[int, GisgridError]] = []
    with open_session(settings.database_url, write=True) as session:
        for number, each in found:
            try:
                enter(session, OPERATOR, EVERYTHING, each, settings.zone)
            except GisgridError as error:
                faults.append((number, error))
        if faults:
            raise bad_surveys(faults)
    typer.echo(f"已导入 {len(found)} 条调查 / surveys brought: {len(found)}")
