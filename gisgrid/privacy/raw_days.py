"""Raw days kept as GeoParquet, beside the database and never longer than it keeps them: a copy that follows it.

What is sealed, erased or taken back in the database leaves the files with the next look at them. Only whole days that
are over have one.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from gisgrid.audit.record import PROGRAM, Actor, record
from gisgrid.coverage.days.raw import SCHEMA, About, about_file, flag_text, raw_file
from gisgrid.coverage.days.raw_folder import file_name, raw_files
from gisgrid.database import session_scope
from gisgrid.errors import GisgridError
from gisgrid.jobs import Stopping
from gisgrid.parameters import Period
from gisgrid.patrols.changes import version_of
from gisgrid.patrols.duty.heartbeats import beats_in
from gisgrid.patrols.fixes import COUNTS, FIX, fixes_frame
from gisgrid.patrols.sealed import sealed_until
from gisgrid.privacy.files import write_private
from gisgrid.privacy.limits import Limits
from gisgrid.privacy.rules import PATROL, PATROLLER
from gisgrid.settings import Settings

DAY: Final = timedelta(days=1)


def keep_raw_days(
    engine: Engine,
    settings: Settings,
    now: datetime,
    first: date | None = None,
    last: date | None = None,
    actor: Actor = PROGRAM,
    is_stopping: Stopping = lambda: False,
) -> Counter[str]:
    """Write the files of the days that are over and kept, from a first to a last one, where they have changed.

    Return how many: `written`, `same` and `dropped`.
    """
    done = Counter(written=0, same=0, dropped=drop_raw_days(engine, settings, now, actor))
    limits = Limits.at(now, settings)
    with session_scope(engine) as session:
        oldest, first_kept = session.scalar(select(func.min(FIX.c.fix_at)).where(COUNTS)), _first_kept(session, limits)
    if oldest is not None:
        begin = max(first_kept, oldest.astimezone(settings.zone).date(), first or date.min)
        end = min(limits.today - DAY, last or date.max)
        days = [begin + number * DAY for number in range((end - begin).days + 1)]
        done.update(_follow(engine, settings, days, actor, is_stopping))
    return done


def follow_raw_days(
    engine: Engine, settings: Settings, now: datetime, is_stopping: Stopping = lambda: False, actor: Actor = PROGRAM
) -> Counter[str]:
    """Let the files that are there follow the database; where the settings say so, write those that are missing."""
    if settings.keep_raw_days:
        return keep_raw_days(engine, settings, now, actor=actor, is_stopping=is_stopping)
    done = Counter(written=0, same=0, dropped=drop_raw_days(engine, settings, now, actor))
    done.update(_follow(engine, settings, list(raw_files(settings.raw_days)), actor, is_stopping))
    return done


def drop_raw_days(engine: Engine, settings: Settings, now: datetime, actor: Actor = PROGRAM) -> int:
    """Delete the files of days that are sealed, or older than fixes are kept, or not over; return how many."""
    limits = Limits.at(now, settings)
    with session_scope(engine) as session:
        first = _first_kept(session, limits)
    gone = [day for day in raw_files(settings.raw_days) if not first <= day < limits.today]
    for day in gone:
        _drop(engine, settings, day, actor)
    for left in settings.raw_days.glob(".part-fixes-*"):  # of a process that was killed
        left.unlink(missing_ok=True)
    return len(gone)


def raw_days_of(settings: Settings, ref: str) -> list[str]:
    """Return the names of the files in which somebody has rows."""
    held = [("patroller", "==", ref)]
    return [
        path.name
        for path in raw_files(settings.raw_days).values()
        if pq.read_table(path, columns=["patroller"], filters=held).num_rows
    ]


def _first_kept(session: Session, limits: Limits) -> date:
    newest = sealed_until(session)
    return limits.first_day if newest is None else max(limits.first_day, newest + DAY)


def _follow(
    engine: Engine, settings: Settings, days: Sequence[date], actor: Actor, is_stopping: Stopping
) -> Counter[str]:
    done: Counter[str] = Counter()
    with session_scope(engine) as session:
        changes = version_of(session, days, settings.zone)
    for day in days:
        if not is_stopping():
            done[_follow_one(engine, settings, About(day, settings.timezone, changes[day]), actor)] += 1
    return done


def _follow_one(engine: Engine, settings: Settings, about: About, actor: Actor) -> str:
    """Write the file of a day, or leave it as it is, or delete it where no fix is left; return which."""
    path = settings.raw_days / file_name(about.day)
    if _about(path) == about:
        return "same"
    with session_scope(engine) as session:
        rows = _rows(session, Period.last_days(1, about.day, settings.zone))
    fixes = pc.sum(pc.equal(rows["kind"], "fix")).as_py()
    if not fixes:
        is_there = path.exists()
        if is_there:
            _drop(engine, settings, about.day, actor)
        return "dropped" if is_there else "same"
    settings.raw_days.mkdir(mode=0o700, parents=True, exist_ok=True)

    def tell(sha256: str) -> None:
        with session_scope(engine, write=True) as session:
            record(session, actor, "raw_day.kept", day=about.day.isoformat(), fixes=fixes, sha256=sha256)

    write_private(path, [raw_file(about, rows)], tell)
    return "written"


def _about(path: Path) -> About | None:
    try:
        return about_file(path)
    except GisgridError:  # there is none, or a damaged one, in whose place one is written
        return None


def _drop(engine: Engine, settings: Settings, day: date, actor: Actor) -> None:
    (settings.raw_days / file_name(day)).unlink(missing_ok=True)
    with session_scope(engine, write=True) as session:
        record(session, actor, "raw_day.dropped", day=day.isoformat())


def _rows(session: Session, period: Period) -> pa.Table:
    """Return the fixes that count of a day, and the heartbeats of whoever sent them; people by number and name.

    Heartbeats of others bridge nothing.
    """
    fixes, beats = fixes_frame(session, period), beats_in(session, period)
    if fixes.empty:
        return SCHEMA.empty_table()
    people = dict(session.execute(select(PATROLLER.c.id, PATROLLER.c.ref)).all())
    its = fixes["patrol_id"].dropna().unique().tolist()
    outings = dict(session.execute(select(PATROL.c.id, PATROL.c.ref).where(PATROL.c.id.in_(its))).all())
    walked = fixes.assign(
        kind="fix",
        at=fixes["fix_at"],
        patroller_number=fixes["patroller_id"],
        patroller=fixes["patroller_id"].map(people),
        patrol_number=fixes["patrol_id"],
        patrol=pd.Series([outings.get(number) for number in fixes["patrol_id"].tolist()], dtype=object),
        flags=fixes["flags"].map({flags: flag_text(flags) for flags in fixes["flags"].unique().tolist()}),
    )
    carried = pd.DataFrame(
        {
            "kind": "heartbeat",
            "at": pd.to_datetime(beats.moment, unit="us", utc=True).as_unit("us"),
            "patroller_number": beats.patroller,
            "patroller": [people[number] for number in beats.patroller.tolist()],
        }
    )
    carried = carried[carried["patroller_number"].isin(fixes["patroller_id"])].sort_values(["at", "patroller_number"])
    return pa.concat_tables([_table(walked), _table(carried)])


def _table(frame: pd.DataFrame) -> pa.Table:
    """Return the columns of SCHEMA; those that a frame does not have are empty."""

    def column(field: Any) -> pa.Array:
        if field.name not in frame:
            return pa.nulls(len(frame), field.type)
        return pa.Array.from_pandas(frame[field.name], type=field.type)

    return pa.Table.from_arrays([column(field) for field in SCHEMA], schema=SCHEMA)
