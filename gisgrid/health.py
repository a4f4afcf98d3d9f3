"""Two questions of whoever watches the service: does it live, can it work."""

from typing import Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel
from sqlalchemy import select

from gisgrid.database import Base, session_scope

router = APIRouter(tags=["health"])


class Health(BaseModel):
    """It is well; everything else is an error."""

    status: Literal["ok"] = "ok"


@router.head("/healthz")
@router.get("/healthz")
async def healthz() -> Health:
    """Tell whether the process answers; the database is not touched, so that its failure restarts nothing."""
    return Health()


@router.head("/readyz")
@router.get("/readyz")
def readyz(request: Request) -> Health:
    """Tell whether the service can work: every table can be read. 503 DatabaseUnreachable, DatabaseDamaged if not."""
    with session_scope(request.app.state.engine) as session:
        for table in Base.metadata.sorted_tables:
            key = table.primary_key.columns
            session.execute(select(*key).order_by(*(column.desc() for column in key)).limit(1))
    return Health()
