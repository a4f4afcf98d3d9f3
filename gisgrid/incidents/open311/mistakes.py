"""Mistakes in the form of Open311: a list with one code and one description, by the statuses of its specification."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from starlette.responses import Response

from gisgrid.incidents.open311.written import MEDIA, Format, written

PREFIX: Final = "/open311/"
STATUS: Final = {HTTPStatus.UNAUTHORIZED: HTTPStatus.FORBIDDEN, HTTPStatus.UNPROCESSABLE_ENTITY: HTTPStatus.BAD_REQUEST}
"""What the specification calls it where others say more: a missing key is 403, whatever is not acceptable 400."""


def is_open311(path: str) -> bool:
    """Tell whether an address is one of Open311."""
    return path.startswith(PREFIX)


def mistake(path: str, status: int, description: str, headers: Mapping[str, str] | None = None) -> Response:
    """Return the answer that tells of a mistake, in XML to whoever asked for it, else in JSON."""
    form: Format = "xml" if path.endswith(".xml") else "json"
    code = int(STATUS.get(HTTPStatus(status), status))
    body = written(form, "errors", [{"code": code, "description": description}])
    return Response(body, code, dict(headers or {}), MEDIA[form])
