"""What citizens may report by an app: the components and events of their city, nothing confidential, no emergency.

Whoever is in danger calls 110 or 119: an app that waits for somebody to read it would cost them time.
"""

from typing import Any, Final

from sqlalchemy import ColumnElement, or_
from sqlalchemy.sql.base import ReadOnlyColumnCollection

from gisgrid.errors import NotFound
from gisgrid.incidents.kinds.edition import Edition, Kind

BLOCKS: Final = ("C", "E")
"""The first letters of components and events; our own block is for other ways."""


class NoSuchService(NotFound):
    """A service code that is none, or that of a kind which is reported by other ways."""


def is_service(kind: Kind) -> bool:
    """Tell whether a kind may be reported by an app."""
    return kind.code.startswith(BLOCKS) and not kind.confidentiality and not kind.is_emergency


def of_a_service(columns: ReadOnlyColumnCollection[str, Any]) -> ColumnElement[bool]:
    """Return the condition that an incident is of the blocks that may be reported by an app."""
    return or_(*(columns.kind.startswith(block) for block in BLOCKS))


def services(edition: Edition) -> list[dict[str, Any]]:
    """Return the services as the list of the specification has them."""
    return [_service(kind) for kind in edition.kinds.values() if is_service(kind)]


def require_service(edition: Edition, code: str) -> Kind:
    """Return the kind of a service code. Raises NoSuchService."""
    kind = edition.kinds.get(code)
    if kind is None or not is_service(kind):
        raise NoSuchService(
            "没有这个 service_code;可用的见 services,紧急情况请拨 110 或 119",
            "there is no such service_code; see the list of services, and call 110 or 119 in an emergency",
        )
    return kind


def service_definition(edition: Edition, code: str) -> dict[str, Any]:
    """Return what else is asked for with a service, which is nothing. Raises NoSuchService."""
    return {"service_code": require_service(edition, code).code, "attributes": []}


def service_name(kind: Kind) -> str:
    """Name a service in both languages."""
    return f"{kind.name_zh} / {kind.name_en}"


def _service(kind: Kind) -> dict[str, Any]:
    zh = "；".join(each.name_zh for each in kind.conditions)
    en = "; ".join(each.name_en for each in kind.conditions)
    return {
        "service_code": kind.code,
        "service_name": service_name(kind),
        "description": f"{zh} / {en}",
        "metadata": False,
        "type": "realtime",
        "keywords": f"{kind.class_zh},{kind.class_en}",
        "group": f"{kind.class_zh} / {kind.class_en}",
    }
