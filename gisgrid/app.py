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
from gisgrid.attachments.sent import uploads
from gisgrid.audit.heads import export_head, heads_folder
from gisgrid.coverage.days.keep import keep_what_is_over
from gisgrid.coverage.routes import router as coverage
from gisgrid.database import make_engine, session_scope
from gisgrid.doors import DoorFirst
from gisgrid.grid.own.routes import router as own_layers
from gisgrid.grid.routes import router as grid
from gisgrid.guard import guard
from gisgrid.headers import SafeHeaders
from gisgrid.health import router as health
from gisgrid.incidents.emergencies.alerting import call_next
from gisgrid.incidents.emergencies.present import EMERGENCIES
from gisgrid.incidents.emergencies.routes import router as emergencies
from gisgrid.incidents.exchange.routes import router as exchange
from gisgrid.incidents.figures.routes import router as figures
from gisgrid.incidents.loop.by_itself import move_what_is_due
from gisgrid.incidents.loop.routes import own as own_incidents
from gisgrid.incidents.loop.routes import router as loop
from gisgrid.incidents.open311.routes import router as open311
from gisgrid.incidents.orders.by_timer import order_what_is_due
from gisgrid.incidents.orders.routes import router as orders
from gisgrid.incidents.routes import router as incidents
from gisgrid.incidents.surveys.routes import router as surveys
from gisgrid.incidents.visits.routes import router as visits
from gisgrid.incidents.watched import INCIDENTS
from gisgrid.intake.writer import Writer
from gisgrid.jobs import Job, Stopping, daily, each_minute, hourly, keeping, looking
from gisgrid.logs import RequestLog
from gisgrid.maps.tiles.open_tiles import open_tiles
from gisgrid.migrations import require_current
from gisgrid.notices.deliver import deliver_due
from gisgrid.owner import require_limited
from gisgrid.pages.routes import ROUTERS as PAGES
from gisgrid.pages.static_door import PREFIX as STATIC
from gisgrid.pages.static_door import static_door
from gisgrid.parameters import Period
from gisgrid.patrols.arrival.door import PREFIX as INGEST
from gisgrid.patrols.arrival.door import Door
from gisgrid.patrols.arrival.ingest import take_in_consignments
from gisgrid.patrols.live.sources import SOURCES
from gisgrid.patrols.plans.gaps import LATE, settle_gaps, settle_lately
from gisgrid.patrols.plans.gaps_up import let_gaps_go_up
from gisgrid.patrols.routes import ROUTERS as PATROLS
from gisgrid.privacy.raw_days import follow_raw_days
from gisgrid.privacy.retention import run as retention
from gisgrid.problems import HANDLERS, KNOWN, Problem
from gisgrid.publications.routes import router as publications
from gisgrid.search.routes import router as search
from gisgrid.settings import Settings
from gisgrid.staff.routes import router as staff
from gisgrid.tls.served import served
from gisgrid.wire import BodyLimit


def create_app(settings: Settings) -> FastAPI:
    """Return the application over the settings' database, which must be made and up to date.

    Raises DatabaseNotReady, DatabaseNewer, NoSpatialite, TooPowerful and the other errors of an unusable database;
    BadCertificate, BadTiles.
    """
    certificate = served(settings)
    tiles = open_tiles(settings.base, settings.home)
    engine = make_engine(settings.database_url)
    require_current(engine)
    require_limited(engine)

    writer = Writer(engine, partial(take_in_consignments, settings=settings))

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        next_in_line = partial(call_next, engine, settings)
        with keeping(engine, _jobs(engine, settings)), looking("alerts", next_in_line):
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
    app.state.sources = (*SOURCES, EMERGENCIES, INCIDENTS)
    app.state.ending = Event()
    app.state.certificate = certificate
    app.state.tiles = tiles
    app.add_middleware(GZipMiddleware, minimum_size=1000)
    for prefix, door in ((INGEST, Door(writer, settings)), (STATIC, static_door)):
        app.add_middleware(DoorFirst, prefix=prefix, door=ExceptionMiddleware(door, KNOWN))
    answered = (visits, surveys, figures, emergencies, orders, open311)
    happened = (exchange, incidents, loop, own_incidents, *answered)  # a fixed path stands before a number
    routers = (health, grid, own_layers, staff, *PATROLS, publications, *happened, coverage, search, *PAGES)
    larger = uploads(routers, settings.max_upload_bytes)
    app.add_middleware(BodyLimit, max_bytes=settings.max_body_bytes, uploads=larger)
    is_trusted = certificate is None or not certificate.is_local
    app.add_middleware(SafeHeaders, is_trusted=is_trusted, pictures=settings.base.origin)
    app.add_middleware(RequestLog)
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
        Job("incidents", partial(move_what_is_due, engine, settings), each_minute),
        Job("orders", partial(order_what_is_due, engine, settings), each_minute),
        Job("notices", partial(deliver_due, engine, settings), each_minute),
        Job("gaps", keep_gaps, each_minute),
        Job("gaps of late", keep_gaps_of_late, hourly),
        Job("gaps going up", partial(let_gaps_go_up, engine, settings), each_minute),
        Job("days", partial(keep_what_is_over, engine, settings), hourly),
        Job("retention", retain, hourly),
        Job("raw days", partial(follow_raw_days, engine, settings), hourly),
        Job("audit head", keep_head, daily(settings.zone)),
    )
