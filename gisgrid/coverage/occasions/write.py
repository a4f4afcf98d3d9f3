"""Reports of occasions as files in a folder: one that is asked for, or whatever is due on a day, each once.

A file appears under its name only when it is whole, so that a folder that is looked into holds nothing half-written.
"""

import fcntl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final, cast

import typer
from sqlalchemy import Engine

from gisgrid.audit.record import OPERATOR
from gisgrid.coverage.occasions.define import OCCASIONS, is_due
from gisgrid.coverage.occasions.mail import mail_to
from gisgrid.coverage.occasions.make import Asked, Made, Told, hand_out, made, record_issue, told_of
from gisgrid.coverage.told.documents import DocumentForm
from gisgrid.database import session_scope
from gisgrid.errors import GisgridError, Unavailable
from gisgrid.files import NotWritten, put
from gisgrid.grid.points import writable
from gisgrid.incidents.calendar.stored import calendar_of
from gisgrid.migrations import open_engine
from gisgrid.parse import listed
from gisgrid.settings import Settings

LOCK: Final = ".gisgrid-reports.lock"


class ReportsFailed(Unavailable):
    """Some of what was due could not be made or mailed."""


def write_occasion(
    settings: Settings, asked: Asked, form: DocumentForm, output: Path | None, *, is_plain: bool
) -> None:
    """Write the report of an occasion to a file: the one named, or one of its own name in the working directory."""
    target = None if output is None else writable(output)
    with open_engine(settings.database_url) as engine:
        now = datetime.now(UTC)
        with session_scope(engine) as session:
            told = told_of(session, settings, asked, now)
        file = made(told, form, is_plain=is_plain)
        _issue(engine, told, [form], now)
    target = Path(file.name) if target is None else target
    put(target, file.content)
    typer.echo(str(target), err=True)


def _issue(engine: Engine, told: Told, forms: Sequence[str], now: datetime) -> None:
    """Note that a report is handed out, and record it, before it is."""
    with session_scope(engine, write=True) as session:
        hand_out(session, told, now)
        record_issue(session, OPERATOR, told, forms)


# --- on a schedule ---------------------------------------------------------------------------------


def run_schedule(settings: Settings, folder: Path, day: date, *, is_plain: bool = False) -> None:
    """Make what is due on a day and is not there yet, and mail what has not been mailed.

    Everything is tried, whatever fails. Raises ReportsFailed, NoSuchFolder, NotWritten.
    """
    writable(folder / LOCK)
    with _alone(folder), open_engine(settings.database_url) as engine:
        failed = []
        for asked in due_on(engine, settings, day):
            try:
                _make_due(engine, settings, folder, asked, is_plain=is_plain)
            except GisgridError as error:
                failed.append((asked.occasion.called, error))
    if failed:
        raise ReportsFailed(
            ";".join(f"{called[0]}:{error.zh}" for called, error in failed),
            "; ".join(f"{called[1]}: {error.en}" for called, error in failed),
        )


def due_on(engine: Engine, settings: Settings, day: date) -> list[Asked]:
    """Return the occasions of the settings that come round on a day."""
    with session_scope(engine) as session:
        is_working = calendar_of(session, settings).is_working(day)
    names = listed(settings.report_occasions)
    return [Asked(OCCASIONS[name], day) for name in names if is_due(name, day, is_working=is_working)]


def _make_due(engine: Engine, settings: Settings, folder: Path, asked: Asked, *, is_plain: bool) -> None:
    forms = cast("Sequence[DocumentForm]", listed(settings.report_forms))
    now = datetime.now(UTC)
    period, targets = asked.period(settings), [folder / asked.file_name(settings, form) for form in forms]
    called = " ".join(asked.occasion.called)
    if period.end > now:
        typer.echo(f"{called}:时段尚未结束,稍后再出 / its time is not over yet, later", err=True)
        return
    missing = [form for form, target in zip(forms, targets, strict=True) if not target.exists()]
    if missing:
        for file in _made(engine, settings, asked, missing, now, is_plain=is_plain):
            put(folder / file.name, file.content)
            typer.echo(str(folder / file.name), err=True)
    mailed = mail_to(settings, asked, targets)
    if mailed:
        typer.echo(f"{called}:已发邮件 {len(mailed)} 封 / mails sent", err=True)


def _made(
    engine: Engine, settings: Settings, asked: Asked, forms: Sequence[DocumentForm], now: datetime, *, is_plain: bool
) -> list[Made]:
    """Make all files of an occasion before the first is written."""
    with session_scope(engine) as session:
        told = told_of(session, settings, asked, now)
    files = [made(told, form, is_plain=is_plain) for form in forms]
    _issue(engine, told, forms, now)
    return files


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Wait until no other process makes reports in a folder."""
    try:
        with (folder / LOCK).open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise NotWritten(f"{folder} 写不了:{why}", f"cannot write into {folder}: {why}") from error
