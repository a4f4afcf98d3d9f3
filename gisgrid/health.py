"""Two questions of whoever watches the service: does it live, can it work."""

from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel
from sqlalchemy import text

from gisgrid.database import ReadSession

router = APIRouter(tags=["health"])


class Health(BaseModel):
    """It is well; everything else is an error."""

    status: Literal["ok"] = "ok"


@router.get("/healthz")
async def healthz() -> Health:
    """Tell whether the process answers; the database is not touched, so that its failure restarts nothing."""
    return Health()


@router.get("/readyz")
def readyz(session: ReadSession) -> Health:
    """Tell whether the service can work: the database answers. 503 DatabaseUnreachable if not."""
    session.execute(text("SELECT version_num FROM alembic_version"))
    return Health()
