"""The web application: all wiring on one page. Nothing happens at import."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from urllib.parse import urlencode

import structlog
from fastapi import Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse, Response
from pydantic import BaseModel
from sqlalchemy.exc import OperationalError
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware

from gisgrid import __version__
from gisgrid.access import SignInNeeded, guard, require_listed
from gisgrid.coverage.routes import router as coverage
from gisgrid.database import DatabaseDamaged, damaged, make_engine, unreachable
from gisgrid.errors import GisgridError, TooOften, Unavailable, Unproven, status_of
from gisgrid.grid.routes import router as grid
from gisgrid.health import router as health
from gisgrid.incidents.routes import router as incidents
from gisgrid.logs import RequestLog
from gisgrid.migrations import require_current
from gisgrid.owner import require_limited
from gisgrid.pages.routes import router as pages
from gisgrid.patrols.routes import router as patrols
from gisgrid.settings import Settings
from gisgrid.wire import BodyLimit
from gisgrid.words import bad_input

log = structlog.get_logger()


class Problem(BaseModel):
    """The body of every error: a code for machines, words in Chinese and English for people."""

    code: str
    description: str


def create_app(settings: Settings) -> FastAPI:
    """Return the application over the settings' database, which must be made and up to date.

    Raises DatabaseNotReady, DatabaseNewer, NoSpatialite, TooPowerful and the other errors of an unusable database.
    """
    engine = make_engine(settings.database_url)
    require_current(engine)
    require_limited(engine)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
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
        exception_handlers={
            GisgridError: _told,
            DatabaseDamaged: _damaged,
            RequestValidationError: _invalid,
            HTTPException: _http,
            OperationalError: _unreachable,
            Exception: _failed,
        },
    )
    app.state.settings = settings
    app.state.engine = engine
    app.add_middleware(BodyLimit, max_bytes=settings.max_body_bytes)
    app.add_middleware(GZipMiddleware, minimum_size=1000)
    app.add_middleware(RequestLog)
    routers = (health, grid, patrols, incidents, coverage, pages)
    require_listed(routers)
    for router in routers:
        app.include_router(router)
    return app


def problem(status: int, code: str, description: str, headers: dict[str, str] | None = None) -> JSONResponse:
    """Return the answer that tells of a mistake."""
    return JSONResponse(Problem(code=code, description=description).model_dump(), status, headers)


async def _told(request: Request, error: GisgridError) -> Response:
    if isinstance(error, SignInNeeded) and request.method in ("GET", "HEAD") and not _is_api(request):
        return RedirectResponse(f"/sign-in?{urlencode({'next': _asked(request)})}", HTTPStatus.SEE_OTHER)
    return problem(status_of(error), error.code, error.description, _headers(error))


def _is_api(request: Request) -> bool:
    return request.url.path.startswith("/api/")


def _asked(request: Request) -> str:
    return request.url.path + (f"?{request.url.query}" if request.url.query else "")


def _headers(error: GisgridError) -> dict[str, str]:
    if isinstance(error, TooOften | Unavailable):
        return {"Retry-After": str(error.retry_after_s)}
    return {"WWW-Authenticate": "Bearer"} if isinstance(error, Unproven) else {}


async def _invalid(_: Request, error: RequestValidationError) -> JSONResponse:
    # where and why, never what: the input may hold names, or may not even be encodable
    told = bad_input(error.errors())
    return problem(status_of(told), told.code, told.description)


async def _http(_: Request, error: HTTPException) -> JSONResponse:
    code = HTTPStatus(error.status_code).phrase.title().replace(" ", "").replace("-", "")
    answer = problem(error.status_code, code, _WORDS.get(error.status_code, code))
    answer.headers.update(error.headers or {})
    return answer


_WORDS = {
    404: "没有这个地址;接口一览见 /docs / there is nothing at this address; see /docs",
    405: "此地址不支持这种方法 / this address does not take that method",
    413: "请求内容过大,请分批发送 / the body is too large; send it in parts",
}


async def _unreachable(request: Request, error: OperationalError) -> Response:
    log.error("database", error=type(error.orig).__name__)
    return await _told(request, unreachable(error))


async def _damaged(request: Request, error: DatabaseDamaged) -> Response:
    log.error("database", error=error.code)
    return await _told(request, damaged())  # not where it lies


async def _failed(_: Request, __: Exception) -> JSONResponse:
    return problem(500, "InternalError", "服务内部出错,已记入日志 / something failed inside; it has been logged")
