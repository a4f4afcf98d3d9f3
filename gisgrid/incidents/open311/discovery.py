"""Where the service is and what it speaks, for clients that know nothing of it yet, and for whom it answers."""

from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from gisgrid.errors import NotFound
from gisgrid.grid.tables import Cell
from gisgrid.incidents.open311.written import MEDIA

JURISDICTION: Final = "kuichong"
"""The name of the place; the code of its street says the same."""
ENDPOINT: Final = "/open311/v2"
CHANGED: Final = "2026-11-26T00:00:00+08:00"
"""When what is offered here last changed."""
SPECIFICATION: Final = "http://wiki.open311.org/GeoReport_v2"


class NoSuchJurisdiction(NotFound):
    """A place for which somebody else answers."""


def discovery(origin: str) -> dict[str, Any]:
    """Return the service discovery; `origin` is scheme and name under which clients reach the service."""
    endpoint = {
        "specification": SPECIFICATION,
        "url": f"{origin}{ENDPOINT}",
        "changeset": CHANGED,
        "type": "production",
        "formats": [MEDIA["xml"], MEDIA["json"]],
    }
    return {
        "changeset": CHANGED,
        "contact": "请向街道网格中心申请 / ask the grid centre of the subdistrict",
        "key_service": "api_key 由管理员按应用发放 / the administrator gives each application its api_key",
        "endpoints": [endpoint],
    }


def require_jurisdiction(session: Session, given: str) -> None:
    """Check that a jurisdiction_id is that of this place; none at all is. Raises NoSuchJurisdiction."""
    if given in ("", JURISDICTION):
        return
    streets = session.scalars(select(Cell.code).where(Cell.level == "street").distinct()).all()
    if given not in streets:
        raise NoSuchJurisdiction(
            f"没有这个 jurisdiction_id;可用 {JURISDICTION} 或街道编码,也可不写",
            f"there is no such jurisdiction_id; send {JURISDICTION}, the code of the street, or none",
        )
