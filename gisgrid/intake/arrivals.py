"""Things sent in from outside: located, stored once, and answered item by item."""

from collections.abc import Callable, Sequence
from typing import Any, Literal, NamedTuple, TypeVar
from zoneinfo import ZoneInfo

import pandas as pd
from pydantic import BaseModel, TypeAdapter, ValidationError
from sqlalchemy import Table
from sqlalchemy.orm import Session

from gisgrid.errors import Conflict, GisgridError
from gisgrid.grid.place import CELL_COLUMNS, Place, cell_names, not_on_earth, places
from gisgrid.grid.schemas import CellName, LocatedPoint
from gisgrid.once import Arrival, Row, store_once
from gisgrid.wire import Name, Sent, items_of, read_item

Draft = dict[str, Any]
Item = TypeVar("Item", bound=Sent)
NAME: TypeAdapter[str] = TypeAdapter(Name)


class ClientIdTaken(Conflict):
    """The client_id belongs to something else."""


class Outcome(NamedTuple):
    """What became of one item: its row when it is stored (now or before), else the error that says why not."""

    status: Literal["stored", "repeated", "conflict", "refused"]
    row: Row | None
    error: GisgridError | None


class Recorded(LocatedPoint):
    """The answer to an item that is stored: where it lies, in WGS 84 and in which cells."""

    status: Literal["stored", "repeated"]
    id: int
    client_id: str


class Refusal(BaseModel):
    """The answer to an item that is not stored; `client_id` is null where none could be read."""

    status: Literal["refused", "conflict"]
    client_id: str | None
    code: str
    description: str


Answer = Recorded | Refusal
Answers = Answer | list[Answer]


def store_located(
    session: Session,
    table: Table,
    drafts: Sequence[Draft],
    *,
    moment: str,
    zone: ZoneInfo,
    key: Sequence[str],
    content: Sequence[str],
) -> list[Outcome]:
    """Locate draft rows on the local day of their column `moment` and store each once; return the outcomes in order.

    A draft has every column of the table but its WGS 84 position, its cells and its geometry, which are made from
    `raw_longitude`, `raw_latitude` and `crs`. `key` and `content` are as in `store_once`.
    """
    found = places(
        session,
        [draft["raw_longitude"] for draft in drafts],
        [draft["raw_latitude"] for draft in drafts],
        [draft["crs"] for draft in drafts],
        [draft[moment] for draft in drafts],
        zone,
    )
    rows = [_row(table, draft, place) for draft, place in zip(drafts, found, strict=True) if place is not None]
    arrivals = iter(store_once(session, table, rows, key, content))
    return [Outcome("refused", None, not_on_earth()) if place is None else outcome(next(arrivals)) for place in found]


def outcome(arrival: Arrival) -> Outcome:
    """Return what became of an item whose row arrived."""
    return Outcome(arrival.status, arrival.row, _taken() if arrival.status == "conflict" else None)


def _row(table: Table, draft: Draft, place: Place) -> Draft:
    row = {**draft, **place.columns}
    if "geometry" in table.c:
        row["geometry"] = f"SRID=4326;POINT({place.longitude!r} {place.latitude!r})"
    return row


def _taken() -> ClientIdTaken:
    return ClientIdTaken(
        "此 client_id 已属于另一条内容不同的记录,原记录未改动;如非重复上报,请换一个 client_id",
        "this client_id belongs to a record with other content, which is unchanged; a new thing needs a new client_id",
    )


def counted(outcomes: Sequence[Outcome]) -> dict[str, int]:
    """Count outcomes by status, and of those stored now the ones in no cell, and the ones in quarantine."""
    counts = dict.fromkeys(("stored", "repeated", "conflict", "refused", "outside", "quarantined"), 0)
    for each in outcomes:
        counts[each.status] += 1
        row = each.row if each.status == "stored" and each.row else None
        counts["outside"] += row is not None and row["street_id"] is None
        counts["quarantined"] += row is not None and row.get("standing") == "quarantined"
    return counts


def plain(series: pd.Series) -> list[Any]:
    """Return a frame's column as Python values: times in UTC, None for what is missing."""
    if isinstance(series.dtype, pd.DatetimeTZDtype):
        return list(pd.DatetimeIndex(series).tz_convert("UTC").to_pydatetime())
    return series.astype(object).where(series.notna(), None).tolist()


def take_in(
    session: Session,
    body: Any,
    model: type[Item],
    act: Callable[[Sequence[Item]], Sequence[Outcome]],
    recorded: type[Recorded] = Recorded,
) -> Answers:
    """Read a body of one item or a list, hand the sound ones to `act`, and answer in the order of the items.

    One item alone that is not stored raises its error; in a list it is answered in its place. `recorded` is what is
    said of one that is stored.
    """
    raw = items_of(body)
    items = [read_item(model, item) for item in raw]
    outcomes = iter(act([item for item in items if not isinstance(item, GisgridError)]))
    results = [Outcome("refused", None, item) if isinstance(item, GisgridError) else next(outcomes) for item in items]
    if not isinstance(body, list) and results[0].error is not None:
        raise results[0].error
    names = cell_names(session, [its.row for its in results if its.row is not None])
    answers = [_answer(its, item, names, recorded) for its, item in zip(results, raw, strict=True)]
    return answers if isinstance(body, list) else answers[0]


def _answer(its: Outcome, item: Any, names: dict[int, CellName], recorded: type[Recorded]) -> Answer:
    if its.error is not None:
        return Refusal(
            status="conflict" if its.status == "conflict" else "refused",
            client_id=_client_id(item),
            code=its.error.code,
            description=its.error.description,
        )
    return recorded.model_validate({"status": its.status, **described(its.row or {}, names)})


def described(row: Row, names: dict[int, CellName]) -> dict[str, Any]:
    """Return a located row with the names of its cells in place of their numbers."""
    cells = {column.removesuffix("_id"): names.get(row[column]) for column in CELL_COLUMNS}
    return {**row, **cells}


def _client_id(item: Any) -> str | None:
    try:
        return NAME.validate_python(item.get("client_id")) if isinstance(item, dict) else None
    except ValidationError:
        return None
