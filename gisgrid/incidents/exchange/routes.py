"""Sheets over HTTP: orders in and out, and the incidents of a search. What goes out is in the audit first."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from fastapi import APIRouter, Request
from fastapi.responses import Response

from gisgrid.attachments.sent import Form, SentForm, form_schema
from gisgrid.audit.record import record
from gisgrid.database import session_scope
from gisgrid.documents.csv_table import csv_bytes
from gisgrid.documents.sheets import LARGEST
from gisgrid.documents.workbook import Cell, workbook
from gisgrid.errors import Refused
from gisgrid.incidents.exchange.exports import AskedQuery, exported
from gisgrid.incidents.exchange.orders import CALLED, OrderSource
from gisgrid.incidents.exchange.take_orders import Taken, take_sheet
from gisgrid.incidents.exchange.tell_back import told_back
from gisgrid.parameters import PeriodQuery
from gisgrid.patrols.duty.shift_routes import actor_of
from gisgrid.settings import Settings
from gisgrid.staff.caller import Asker, Caller

router = APIRouter(prefix="/api", tags=["incidents"])

XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV: Final = "text/csv; charset=utf-8"
FILE: Final = {"type": "string", "format": "binary"}
WORKBOOK: Final[dict[int | str, dict[str, Any]]] = {200: {"content": {XLSX: {"schema": FILE}}}}
TABLE: Final[dict[int | str, dict[str, Any]]] = {200: {"content": {"text/csv": {"schema": {"type": "string"}}}}}
SHEET: Final = form_schema(
    {
        "file": {**FILE, "description": "the orders, as a workbook (.xlsx) or CSV"},
        "source": {"type": "string", "enum": ["hotline", "superior"], "description": "where a row names none"},
    },
    ["file"],
)


class NoSheet(Refused):
    """A form without the one file that it is about, or with a source that sends none."""


@router.post("/incidents/exchange", response_class=Response, responses=WORKBOOK, openapi_extra=SHEET)
def post_orders(request: Request, asker: Asker, form: SentForm) -> Response:
    """Take in the orders of a sheet, each once by its number; answer the same sheet with two columns more.

    They say what became of each order, and its number or what is wrong with it: what was not taken can be corrected
    there and the sheet sent again.
    """
    return download(taken(request, asker, form).workbook, XLSX, "gisgrid-orders-answered.xlsx")


def taken(request: Request, caller: Caller, form: Form) -> Taken:
    """Take in the orders of a form. Raises NoSheet, NoOrders, UnreadableFile, SheetTooLarge, FileTooLarge."""
    settings: Settings = request.app.state.settings
    source = CALLED.get(form.fields.get("source", "hotline").strip().casefold())
    if len(form.files) != 1 or source is None:
        raise NoSheet(
            "一次一个文件(file),.xlsx 或 .csv;来源(source)应为 hotline 或 superior",
            "one file at a time (file), .xlsx or .csv; the source must be hotline or superior",
        )
    data = form.files[0].read(min(settings.max_upload_bytes, LARGEST))
    engine, sight = request.app.state.engine, request.state.sight
    return take_sheet(engine, data, settings, source, actor_of(caller), sight)


@router.get("/incidents/exchange.xlsx", response_class=Response, responses=WORKBOOK)
def get_orders(
    request: Request, asker: Asker, source: OrderSource | None = None, period: PeriodQuery = None
) -> Response:
    """Return what was done about the orders of a period, for whoever sent them, as a workbook."""
    settings: Settings = request.app.state.settings
    with session_scope(request.app.state.engine, sight=request.state.sight) as session:
        rows = told_back(session, settings.zone, source, period)
    _note(request, asker, rows, "orders")
    return download(workbook({"工单 orders": rows}), XLSX, _name(settings, "orders", "xlsx"))


@router.get("/incidents.xlsx", response_class=Response, responses=WORKBOOK)
def get_incidents_workbook(request: Request, asker: Asker, asked: AskedQuery) -> Response:
    """Return the incidents of a search as a workbook; the filters are those of their list."""
    settings: Settings = request.app.state.settings
    rows = _exported(request, asker, asked)
    return download(workbook({"事件 incidents": rows}), XLSX, _name(settings, "incidents", "xlsx"))


@router.get("/incidents.csv", response_class=Response, responses=TABLE)
def get_incidents_table(request: Request, asker: Asker, asked: AskedQuery) -> Response:
    """Return the incidents of a search as CSV; the filters are those of their list."""
    settings: Settings = request.app.state.settings
    rows = _exported(request, asker, asked)
    texts = [["" if cell is None else str(cell) for cell in row] for row in rows]
    return download(csv_bytes(texts), CSV, _name(settings, "incidents", "csv"))


def _exported(request: Request, caller: Caller, asked: AskedQuery) -> list[list[Cell]]:
    settings: Settings = request.app.state.settings
    with session_scope(request.app.state.engine, sight=request.state.sight) as session:
        rows = exported(session, settings.zone, caller, asked)
    _note(request, caller, rows, "incidents")
    return rows


def _note(request: Request, caller: Caller, rows: Sequence[Sequence[Cell]], what: str) -> None:
    with session_scope(request.app.state.engine, write=True, sight=request.state.sight) as session:
        record(session, actor_of(caller), "export.incidents", rows=len(rows) - 1, kind=what)


def _name(settings: Settings, what: str, suffix: str) -> str:
    return f"gisgrid-{what}-{datetime.now(settings.zone):%Y%m%d}.{suffix}"


def download(content: bytes, media_type: str, name: str) -> Response:
    """Return a file to be saved under a name."""
    return Response(content, media_type=media_type, headers={"Content-Disposition": f'attachment; filename="{name}"'})
