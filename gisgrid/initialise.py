"""Making an installation: its folders and its database, with the sample if wished. Again and again does no harm."""

from datetime import datetime
from pathlib import Path

import typer
from sqlalchemy.engine import make_url

from gisgrid.coverage.days.keep import keep_what_is_over
from gisgrid.database import make_engine, session_scope
from gisgrid.migrations import open_engine, open_session, upgrade
from gisgrid.owner import let_service_in
from gisgrid.sample.commands import simulated, store
from gisgrid.sample.load import load_sample
from gisgrid.sample.people import add_people, require_nobody
from gisgrid.sample.plans import plan_sample
from gisgrid.sample.simulate import arrived_by
from gisgrid.settings import Settings

SAMPLE_DAYS = 30
"""Today is the last of them, as in the period that reports and the viewer begin with."""


def initialise(settings: Settings, *, with_sample: bool) -> None:
    """Make what is missing and bring the database up to date; the sample goes into a database without a grid only.

    A new file has its name only when all is in it, so that a first start that was interrupted begins anew.
    Raises InRealUse, GridThere, DatabaseNewer, NoPostgis and the other errors of an unusable database.
    """
    for folder in (settings.home / "data", settings.maps):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    url = make_url(settings.database_url)
    if not url.drivername.startswith("sqlite") or Path(str(url.database)).exists():
        _make(settings, with_sample=with_sample)
        return
    file = Path(str(url.database))
    part = file.with_name(f"{file.name}.part")
    for left in part.parent.glob(f"{part.name}*"):
        left.unlink()
    _make(settings.model_copy(update={"database_url": f"sqlite:///{part}"}), with_sample=with_sample)
    part.rename(file)


def _make(settings: Settings, *, with_sample: bool) -> None:
    engine = make_engine(settings.owner_url)
    try:
        upgrade(engine)
        let_service_in(engine, settings.database_url)
        if with_sample:
            with session_scope(engine, write=True) as session:
                require_nobody(session)
                load_sample(session, settings.metric_crs)
    finally:
        engine.dispose()
    if with_sample:
        now = datetime.now(settings.zone)
        store(settings, arrived_by(now, simulated(settings, now.date(), SAMPLE_DAYS)))
        with open_session(settings.database_url, write=True) as session:
            add_people(session)
        plan_sample(settings, now, SAMPLE_DAYS)
        _sum_up(settings, now)


def _sum_up(settings: Settings, now: datetime) -> None:
    """Keep what the days come to, so that whoever opens the map does not wait for it."""
    typer.echo("正在汇总每日数据…… / summing up the days…", err=True)
    with open_engine(settings.database_url) as engine:
        keep_what_is_over(engine, settings, now, is_stopping=lambda: False)
