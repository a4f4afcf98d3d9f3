"""One's own data, to be taken along: the file of `gisgrid privacy export`, for whoever is signed in."""

from hashlib import sha256
from typing import Any, Final

from fastapi import APIRouter, Request
from fastapi.responses import Response

from gisgrid.database import session_scope
from gisgrid.pages.forms import Sender, actor_of
from gisgrid.pages.frame import PAGES
from gisgrid.privacy.export import about, record_export
from gisgrid.privacy.subject import subject_of

router = APIRouter(prefix="/me", tags=["me"])

ZIP: Final = "application/zip"
ANSWERS: Final[dict[int | str, dict[str, Any]]] = {
    **PAGES,
    200: {"content": {ZIP: {"schema": {"type": "string", "format": "binary"}}}},
}
NAMED: Final = {"Content-Disposition": 'attachment; filename="gisgrid-my-data.zip"'}


@router.post("/export", response_class=Response, responses=ANSWERS)
def post_export(request: Request, caller: Sender) -> Response:
    """Hand out everything about oneself, and nothing about another; recorded before it goes out.

    It is read as the command reads it: what one handled, and who looked, lies beyond what one sees. Whom it is about is
    the caller alone, whatever is sent.
    """
    engine = request.app.state.engine
    with session_scope(engine) as session:
        subject = subject_of(session, caller.person or 0)
        content = about(session, request.app.state.settings, subject)
    with session_scope(engine, write=True) as session:
        record_export(session, actor_of(caller), subject, sha256(content).hexdigest())
    return Response(content, media_type=ZIP, headers=NAMED)
