"""What may be asked about a person, and pseudonymous tracks, on the command line."""

import getpass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, get_args

import typer

from gisgrid.audit.record import OPERATOR
from gisgrid.errors import Refused
from gisgrid.migrations import open_engine, open_session
from gisgrid.parameters import Period
from gisgrid.privacy.erase import erase
from gisgrid.privacy.export import about, record_export
from gisgrid.privacy.files import write_private
from gisgrid.privacy.raw_days import follow_raw_days
from gisgrid.privacy.subject import subject_called
from gisgrid.privacy.tracks import Form, as_file, record_tracks, tracks
from gisgrid.settings import read_settings

commands = typer.Typer(name="privacy", help="个人信息的查阅、导出与删除 / personal data", no_args_is_help=True)

PersonName = Annotated[str | None, typer.Option("--person", help="登录名 / sign-in name")]
PatrollerRef = Annotated[
    str | None, typer.Option("--patroller", help="巡查员编号,无账号时用 / name in patrols, where there is no account")
]


class UnknownForm(Refused):
    """A file name that ends in no form that is written."""


@commands.command("export")
def export_command(
    output: Annotated[Path, typer.Option("-o", "--output", dir_okay=False, help="ZIP 文件 / ZIP file")],
    person: PersonName = None,
    patroller: PatrollerRef = None,
) -> None:
    """导出一个人的全部资料,交给本人 / everything about one person, for that person."""
    settings = read_settings()
    with open_session(settings.database_url) as session:
        subject = subject_called(session, person, patroller)
        content = about(session, settings, subject)

    def tell(sha256: str) -> None:
        with open_session(settings.database_url, write=True) as session:
            record_export(session, OPERATOR, subject, sha256)

    write_private(output, [content], tell)
    typer.echo(f"{output}:含个人信息,请妥善交接 / holds personal data: hand it over with care")


@commands.command("tracks")
def tracks_command(
    period: Annotated[str, typer.Option(help="时段 起/止 / start/end: 2026-11-01/2026-11-30")],
    purpose: Annotated[str, typer.Option(help="用途,记入文件和审计 / purpose, told in the file and in the audit")],
    output: Annotated[Path, typer.Option("-o", "--output", dir_okay=False, help=".csv / .geojson")],
    cell: Annotated[str | None, typer.Option(help="只要该网格内的 / only in the cell of this code")] = None,
) -> None:
    """导出假名化的轨迹;每次导出的假名不同 / export pseudonymous tracks; no two exports share a pseudonym."""
    form = _form(output)
    settings = read_settings()
    with open_session(settings.database_url) as session:
        found = tracks(session, Period.parse(period, settings.zone), cell, purpose, f"operator {getpass.getuser()}")

    def tell(sha256: str) -> None:
        with open_session(settings.database_url, write=True) as session:
            record_tracks(session, OPERATOR, found.mark, sha256)

    write_private(output, as_file(found, form), tell)
    mark = found.mark
    typer.echo(f"导出 {mark.number},{mark.fixes} 条 / export {mark.number}, {mark.fixes} fixes: {output}")


def _form(output: Path) -> Form:
    """Return the form of a file by its ending. Raises UnknownForm."""
    forms: tuple[Form, ...] = get_args(Form)
    for form in forms:
        if output.suffix.lower() == form:
            return form
    raise UnknownForm(f"文件名应以 {' 或 '.join(forms)} 结尾", f"the file's name must end in {' or '.join(forms)}")


@commands.command("erase")
def erase_command(
    person: PersonName = None,
    patroller: PatrollerRef = None,
    yes: Annotated[bool, typer.Option("--yes", help="不再询问 / do not ask")] = False,
    release_holds: Annotated[
        bool, typer.Option("--release-holds", help="连同留证的轨迹 / also what is held as evidence")
    ] = False,
) -> None:
    """删除一个人的资料,不可恢复 / erase what is known of one person, for good."""
    settings = read_settings()
    with open_engine(settings.database_url) as engine:
        if not yes:
            typer.confirm(f"删除 {person or patroller} 的全部资料? / erase everything about them?", abort=True)
        done = erase(engine, OPERATOR, person=person, patroller=patroller, release_holds=release_holds)
        follow_raw_days(engine, settings, datetime.now(UTC), actor=OPERATOR)
    told = ", ".join(f"{table} {count}" for table, count in done.items() if count)
    typer.echo(f"已删除 / erased: {told or 0}")
    typer.echo(
        "备份和以前导出的文件中仍有,请一并处理 / backups and files exported before still hold it: see to them as well",
        err=True,
    )
