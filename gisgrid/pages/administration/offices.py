"""Administration of what the office calls roles and departments."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import HTMLResponse, Response
from sqlalchemy.orm import Session

from gisgrid.database import session_scope
from gisgrid.errors import GisgridError
from gisgrid.pages.called import Both
from gisgrid.pages.forms import Line, Sender, actor_of
from gisgrid.pages.frame import PAGES, page, see_other, written
from gisgrid.staff.offices import add_department, departments, rename_department, rename_role, role_names

PREFIX = "/admin/names"
router = APIRouter(prefix=PREFIX, tags=["administration"], responses=PAGES, default_response_class=HTMLResponse)

Code = Annotated[str, Path(max_length=60, pattern="^[a-z][a-z0-9_]*$")]
Done = Annotated[str, Query(max_length=20)]

DONE = {"saved": Both("已保存", "saved"), "added": Both("已添加", "added")}


@router.get("")
def get_names(request: Request, done: Done = "") -> HTMLResponse:
    """Show what roles and departments are called."""
    return _names_page(request, done=DONE.get(done))


def _names_page(request: Request, **values: Any) -> HTMLResponse:
    with session_scope(request.app.state.engine) as session:
        roles, offices = role_names(session), departments(session)
    given: dict[str, Any] = {"error": None, "done": None, **values}
    return page(request, "administration/names.html", roles=roles, departments=offices, here=PREFIX, **given)


def _saved(request: Request, act: Callable[[Session], Any], done: str = "saved") -> Response:
    error = written(request, act)
    if isinstance(error, GisgridError):
        return _names_page(request, error=error)
    return see_other(f"{PREFIX}?done={done}")


@router.post("/roles/{code}")
def post_role_name(request: Request, caller: Sender, code: Code, zh: Line = "", en: Line = "") -> Response:
    """Call a role something else."""
    return _saved(request, lambda session: rename_role(session, actor_of(caller), code, zh, en))


@router.post("/departments")
def post_department(request: Request, caller: Sender, code: Line = "", zh: Line = "", en: Line = "") -> Response:
    """Add a department."""
    return _saved(request, lambda session: add_department(session, actor_of(caller), code, zh, en), "added")


@router.post("/departments/{code}")
def post_department_name(request: Request, caller: Sender, code: Code, zh: Line = "", en: Line = "") -> Response:
    """Call a department something else."""
    return _saved(request, lambda session: rename_department(session, actor_of(caller), code, zh, en))
