"""The web application: all wiring on one page. Nothing happens at import."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from functools import partial
from threading import Event

from fastapi import Depends, FastAPI
from sqlalchemy import Engine
from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.middleware.gzip import GZipMiddleware

from gisgrid import __version__
from gisgrid.access import require_listed
from gisgrid.audit.heads import export_head, heads_folder
from gisgrid.coverage.routes import router as coverage
from gisgrid.database import make_engine, session_scope
from gisgrid.grid.routes import router as grid
from gisgrid.guard import guard
from gisgrid.headers import SafeHeaders
from gisgrid.health import router as health
from gisgrid.incidents.routes import router as incidents
from gisgrid.intake.writer import Writer
from gisgrid.jobs import Job, Stopping, daily, each_minute, hourly, keeping
from gisgrid.logs import RequestLog
from gisgrid.migrations import require_current
from gisgrid.owner import require_limited
from gisgrid.pages.routes import ROUTERS as PAGES
from gisgrid.parameters import Period
from gisgrid.patrols.arrival.door import Door, DoorFirst
from gisgrid.patrols.arrival.ingest import take_in_consignments
from gisgrid.patrols.live.watch import SOURCES
from gisgrid.patrols.plans.gaps import LATE, settle_gaps, settle_lately
from gisgrid.patrols.routes import ROUTERS as PATROLS
from gisgrid.privacy.retention import run as retention
from gisgrid.problems import HANDLERS, KNOWN, Problem
from gisgrid.settings import Settings
from gisgrid.tls.served import served
from gisgrid.wire import BodyLimit


def create_app(settings: Settings) -> FastAPI:
    """Return the application over the settings' database, which must be made and up to date.

    Raises DatabaseNotReady, DatabaseNewer, NoSpatialite, TooPowerful and the other errors of an unusable database;
    BadCertificate.
    """
    certificate = served(settings)
    engine = make_engine(settings.database_url)
    require_current(engine)
    require_limited(engine)

    writer = Writer(engine, partial(take_in_consignments, settings=settings))

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        with keeping(engine, _jobs(engine, settings)):
            yield
        writer.stop()
        engine.dispose()

    app = FastAPI(
        title="gisgrid",
        version=__version__,
        lifespan=lifespan,
        dependencies=[Depends(guard)],
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        responses={"4XX": {"model": Problem}, 503: {"model": Problem}},
        exception_handlers=HANDLERS,
    )
    app.state.settings = settings
    app.state.engine = engine
    app.state.writer = writer
    app.state.sources = SOURCES
    app.state.ending = Event()
    app.state.certificate = certificate
    app.add_middleware(GZipMiddleware, minimum_size=1000)
    app.add_middleware(DoorFirst, door=ExceptionMiddleware(Door(writer, settings), KNOWN))
    app.add_middleware(BodyLimit, max_bytes=settings.max_body_bytes)
    app.add_middleware(SafeHeaders, is_trusted=certificate is None or not certificate.is_local)
    app.add_middleware(RequestLog)
    routers = (health, grid, *PATROLS, incidents, coverage, *PAGES)
    require_listed(routers)
    for router in routers:
        app.include_router(router)
    return app


def _jobs(engine: Engine, settings: Settings) -> tuple[Job, ...]:
    """What the service does by itself."""

    def retain(now: datetime, is_stopping: Stopping) -> None:
        retention(engine, settings, now, is_stopping=is_stopping)

    def keep_head(now: datetime, _: Stopping) -> None:
        with session_scope(engine) as session:
            export_head(session, heads_folder(settings), now.astimezone(settings.zone).date())

    def keep_gaps(now: datetime, _: Stopping) -> None:
        settle_lately(engine, settings, now)

    def keep_gaps_of_late(now: datetime, _: Stopping) -> None:
        settle_gaps(engine, settings, Period(now - LATE, now), now)

    return (
        Job("gaps", keep_gaps, each_minute),
        Job("gaps of late", keep_gaps_of_late, hourly),
        Job("retention", retain, hourly),
        Job("audit head", keep_head, daily(settings.zone)),
    )
