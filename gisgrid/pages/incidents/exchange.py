"""The page on which sheets of orders are handed in and fetched: of the 12345 line, and of those above."""

from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, Response

from gisgrid.attachments.sent import SentForm
from gisgrid.errors import GisgridError
from gisgrid.incidents.exchange.orders import PLAN
from gisgrid.incidents.exchange.routes import WORKBOOK, XLSX, download, taken
from gisgrid.pages.called import Both
from gisgrid.pages.forms import StaleForm, require_own_form
from gisgrid.pages.frame import PAGES, page
from gisgrid.staff.caller import Asker

router = APIRouter(prefix="/incidents/exchange", tags=["incidents"], responses=PAGES)

COLUMNS: Final = {
    "outside_number": Both("必填;同一编号只入库一次", "needed; each is stored once by it"),
    "kind": Both("必填;编码或名称", "needed; a code or a name"),
    "reported_at": Both("必填", "needed"),
    "longitude": Both("与纬度一起;没有则填网格编码", "with the latitude; or else the code of a cell"),
    "latitude": Both("WGS 84 度,或加一列坐标系", "in degrees of WGS 84, or with a column that names another system"),
    "cell": Both("没有坐标时,取该网格中的一点", "without a position: a place inside the cell is taken"),
    "description": Both("诉求内容", "what is the matter"),
    "contact": Both("只有经办的人看得到", "seen by those who handle it alone"),
    "source": Both("不填则按下面所选", "where it is blank, as chosen below"),
}
DAYS: Final = (("近 7 天", "last 7 days", 7), ("近 30 天", "last 30 days", 30), ("近 90 天", "last 90 days", 90))


def _require_form_with_file(request: Request) -> None:
    """Refuse a form without a file as one that is from no page of ours. Raises StaleForm."""
    if not request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        require_own_form(request.state.caller, "")


@router.get("", response_class=HTMLResponse)
def get_exchange(request: Request) -> HTMLResponse:
    """Show how orders are handed in, and what can be fetched."""
    return _page(request)


@router.post("", response_class=Response, responses=WORKBOOK, dependencies=[Depends(_require_form_with_file)])
def post_exchange(request: Request, caller: Asker, form: SentForm) -> Response:
    """Take in a sheet of orders; answer it with what became of each, to be saved."""
    try:
        require_own_form(caller, form.fields.get("form_token", ""))
        return download(taken(request, caller, form).workbook, XLSX, "gisgrid-orders-answered.xlsx")
    except StaleForm:
        raise
    except GisgridError as error:
        return _page(request, error=error)


def _page(request: Request, **told: Any) -> HTMLResponse:
    columns = [(PLAN.term(name), name, words) for name, words in COLUMNS.items()]
    zone: ZoneInfo = request.app.state.settings.zone
    today = datetime.now(zone).date()
    spans = [(Both(zh, en), f"{today - timedelta(days=days - 1)}/{today}") for zh, en, days in DAYS]
    return page(request, "incidents/exchange.html", columns=columns, spans=spans, here="/incidents/exchange", **told)
