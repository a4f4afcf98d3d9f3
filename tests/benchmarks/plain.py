"""What the write path is compared with: FastAPI and SQLAlchemy as their tutorials have it, a commit for each request.

It validates with pydantic, joins with the same index and stores the same row; it asks for no token, knows no shifts and
judges nothing. `python -m tests.benchmarks.plain URL PORT` serves it.
"""

import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any

import numpy as np
import uvicorn
from fastapi import Depends, FastAPI
from pydantic import AwareDatetime, BaseModel, Field
from sqlalchemy.orm import Session

from gisgrid.database import make_engine
from gisgrid.geometry import WGS84
from gisgrid.grid.index import OUTSIDE
from gisgrid.grid.locate import Grid, grid_on
from gisgrid.grid.place import CELL_COLUMNS
from gisgrid.patrols.tables import Fix
from gisgrid.staff import tables as _others  # noqa: F401 - to which those of the patrols refer


class CheckIn(BaseModel):
    client_id: str = Field(min_length=1, max_length=100)
    patroller: int
    fix_at: AwareDatetime
    longitude: float = Field(ge=-180, le=180)
    latitude: float = Field(ge=-90, le=90)
    accuracy_m: float | None = Field(default=None, ge=0)


class Stored(BaseModel):
    id: int
    client_id: str
    street_id: int | None
    community_id: int | None
    substation_id: int | None


def create_plain(url: str) -> FastAPI:
    """Return the application over a database that has a grid."""
    engine = make_engine(url)
    with Session(engine) as session:
        grid = grid_on(session)
    writing = engine.execution_options(write=True)
    app = FastAPI()

    def session() -> Iterator[Session]:
        with Session(writing) as session:
            yield session

    @app.get("/readyz")
    def ready() -> None:
        return None

    def post_one(check_in: CheckIn, session: Annotated[Session, Depends(session)]) -> Stored:
        return _store(session, grid, [check_in])[0]

    def post_many(check_ins: list[CheckIn], session: Annotated[Session, Depends(session)]) -> list[Stored]:
        return _store(session, grid, check_ins)

    async def post_one_in_turn(check_in: CheckIn) -> Stored:
        with Session(writing) as session:
            return post_one(check_in, session)

    async def post_many_in_turn(check_ins: list[CheckIn]) -> list[Stored]:
        with Session(writing) as session:
            return post_many(check_ins, session)

    # threads that write to one file are in each other's way: some fail, and all together are slower than one
    is_alone = engine.dialect.name == "sqlite"
    app.post("/check-ins")(post_one_in_turn if is_alone else post_one)
    app.post("/check-ins/batch")(post_many_in_turn if is_alone else post_many)
    return app


def _store(session: Session, grid: Grid, check_ins: Sequence[CheckIn]) -> list[Stored]:
    lon, lat = np.array([(each.longitude, each.latitude) for each in check_ins]).T
    cells = grid.locate(lon, lat).cell_ids.tolist()
    now = datetime.now(UTC)
    rows = [_row(each, its, now) for each, its in zip(check_ins, cells, strict=True)]
    session.add_all(rows)
    session.flush()
    stored = [Stored.model_validate(row, from_attributes=True) for row in rows]
    session.commit()
    return stored


def _row(check_in: CheckIn, cells: list[int], now: datetime) -> Fix:
    found: dict[str, Any] = {
        column: None if cell == OUTSIDE else cell for column, cell in zip(CELL_COLUMNS, cells, strict=True)
    }
    return Fix(
        client_id=check_in.client_id,
        sender_id=check_in.patroller,
        patroller_id=check_in.patroller,
        fix_at=check_in.fix_at,
        received_at=now,
        longitude=check_in.longitude,
        latitude=check_in.latitude,
        raw_longitude=check_in.longitude,
        raw_latitude=check_in.latitude,
        accuracy_m=check_in.accuracy_m,
        crs=WGS84,
        **found,
    )


if __name__ == "__main__":
    uvicorn.run(create_plain(sys.argv[1]), port=int(sys.argv[2]), log_level="warning", access_log=False)
