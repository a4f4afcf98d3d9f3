"""How a mistake is answered: in one form for programs, as a page for browsers, by the status of its family."""

from collections.abc import Callable, Coroutine, Mapping
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlencode

import structlog
from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse, Response
from pydantic import BaseModel
from sqlalchemy.exc import OperationalError
from starlette.exceptions import HTTPException

from gisgrid.database import DatabaseDamaged, damaged, unreachable
from gisgrid.errors import GisgridError, TooOften, Unavailable, Unproven, status_of
from gisgrid.guard import SignInNeeded
from gisgrid.incidents.open311.mistakes import is_open311, mistake
from gisgrid.pages.frame import problem_page, wants_page
from gisgrid.words import bad_input

log = structlog.get_logger()


class Problem(BaseModel):
    """The body of every error: a code for machines, words in Chinese and English for people."""

    code: str
    description: str


def problem(status: int, code: str, description: str) -> JSONResponse:
    """Return the answer that tells of a mistake."""
    return JSONResponse(Problem(code=code, description=description).model_dump(), status)


async def _told(request: Request, error: GisgridError) -> Response:
    if isinstance(error, SignInNeeded) and request.method in ("GET", "HEAD") and not _is_api(request):
        return RedirectResponse(f"/sign-in?{urlencode({'next': _asked(request)})}", HTTPStatus.SEE_OTHER)
    return _answer(request, status_of(error), error.code, error.description, _headers(error))


def _answer(
    request: Request, status: int, code: str, description: str, headers: Mapping[str, str] | None = None
) -> Response:
    path = str(request.scope["path"])
    if is_open311(path):
        return mistake(path, status, description, headers)
    is_page = wants_page(request)
    told = problem_page(request, status, code, description) if is_page else problem(status, code, description)
    told.headers.update(headers or {})
    return told


def _is_api(request: Request) -> bool:
    path = str(request.scope["path"])
    return path.startswith("/api/") or is_open311(path)


def _asked(request: Request) -> str:
    query = request.scope["query_string"].decode("latin-1")
    return str(request.scope["path"]) + (f"?{query}" if query else "")


def _headers(error: GisgridError) -> dict[str, str]:
    if isinstance(error, TooOften | Unavailable):
        return {"Retry-After": str(error.retry_after_s)}
    return {"WWW-Authenticate": "Bearer"} if isinstance(error, Unproven) else {}


async def _invalid(request: Request, error: RequestValidationError) -> Response:
    # where and why, never what: the input may hold names, or may not even be encodable
    told = bad_input(error.errors())
    return _answer(request, status_of(told), told.code, told.description)


async def _http(request: Request, error: HTTPException) -> Response:
    if isinstance(error.__cause__, GisgridError):  # told while a form was being read
        return await _told(request, error.__cause__)
    code = HTTPStatus(error.status_code).phrase.title().replace(" ", "").replace("-", "")
    return _answer(request, error.status_code, code, _WORDS.get(error.status_code, code), error.headers)


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


async def _failed(request: Request, _: Exception) -> Response:
    words = "服务内部出错,已记入日志 / something failed inside; it has been logged"
    return _answer(request, 500, "InternalError", words)


HANDLERS: Final[dict[int | type[Exception], Callable[[Request, Any], Coroutine[Any, Any, Response]]]] = {
    GisgridError: _told,
    DatabaseDamaged: _damaged,
    RequestValidationError: _invalid,
    HTTPException: _http,
    OperationalError: _unreachable,
    Exception: _failed,
}
KNOWN: Final = {kind: told for kind, told in HANDLERS.items() if kind is not Exception}
"""Those of mistakes that have a name; all others are a failure of the program, wherever they come up."""
