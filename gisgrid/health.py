"""Two questions of whoever watches the service: does it live, can it work."""

from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel
from sqlalchemy import select

from gisgrid.database import Base, ReadSession

router = APIRouter(tags=["health"])


class Health(BaseModel):
    """It is well; everything else is an error."""

    status: Literal["ok"] = "ok"


@router.head("/healthz", include_in_schema=False)
@router.get("/healthz")
async def healthz() -> Health:
    """Tell whether the process answers; the database is not touched, so that its failure restarts nothing."""
    return Health()


@router.head("/readyz", include_in_schema=False)
@router.get("/readyz")
def readyz(session: ReadSession) -> Health:
    """Tell whether the service can work: every table can be read. 503 DatabaseUnreachable, DatabaseDamaged if not."""
    for table in Base.metadata.sorted_tables:
        key = table.primary_key.columns
        session.execute(select(*key).order_by(*(column.desc() for column in key)).limit(1))
    return Health()
