"""A client of Open311 GeoReport v2, written from the public specification alone: it knows nothing of this service.

It reads what the specification promises and nothing else, and is strict about it.
"""

import json
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from xml.etree.ElementTree import Element

import httpx
from defusedxml.ElementTree import fromstring

MEDIA = {"json": "application/json", "xml": "text/xml"}
W3C = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
REQUEST_FIELDS = [
    *("service_request_id", "status", "status_notes", "service_name", "service_code", "description"),
    *("agency_responsible", "service_notice", "requested_datetime", "updated_datetime", "expected_datetime"),
    *("address", "address_id", "zipcode", "lat", "long", "media_url"),
]


class Open311Error(Exception):
    """An answer that is an error: its status, and the errors in its body."""

    def __init__(self, status: int, errors: list[dict[str, str]]) -> None:
        super().__init__(status, errors)
        self.status, self.errors = status, errors


def discover(url: str, form: str = "json") -> str:
    """Return the address of the endpoint that speaks GeoReport v2, by service discovery."""
    answer = httpx.get(f"{url}.{form}")
    found = _read(answer, form, "discovery", list_of="endpoints", one="endpoint")
    endpoint = next(each for each in found if "GeoReport_v2" in each["specification"])
    assert endpoint["type"] in ("production", "test", "acceptance")
    return str(endpoint["url"])


@dataclass
class Client:
    """Asks one endpoint in one form, with a key."""

    url: str
    form: str = "json"
    api_key: str = ""
    jurisdiction: str = ""

    def services(self) -> list[dict[str, Any]]:
        """Return the list of services."""
        found = self._get("services", "services", "service")
        for each in found:
            assert set(each) >= {"service_code", "service_name", "description", "metadata", "type", "keywords", "group"}
            assert str(each["metadata"]).lower() in ("true", "false")
            assert each["type"] in ("realtime", "batch", "blackbox")
        return found

    def definition(self, code: str) -> str:
        """Return the service code of a service definition."""
        answer = httpx.get(f"{self.url}/services/{code}.{self.form}", params=self._asked({}))
        if self.form == "json":
            self._raise(answer)
            return str(answer.json()["service_code"])
        self._raise(answer)
        root = fromstring(answer.content)
        assert root.tag == "service_definition"
        return str(root.findtext("service_code"))

    def post(self, **fields: str) -> str:
        """Submit a request; return its service_request_id, by its token if there is one."""
        answer = httpx.post(f"{self.url}/requests.{self.form}", data=self._asked({"api_key": self.api_key, **fields}))
        self._raise(answer)
        (found,) = _read(answer, self.form, "service_requests", one="request")
        assert bool(found.get("token")) != bool(found.get("service_request_id"))
        return str(found["service_request_id"] if found.get("service_request_id") else self.by_token(found["token"]))

    def by_token(self, token: str) -> str:
        """Return the service_request_id behind a token."""
        (found,) = self._get(f"tokens/{token}", "service_requests", "request", api_key=self.api_key)
        assert found["token"] == token
        return str(found["service_request_id"])

    def requests(self, **asked: str) -> list[dict[str, Any]]:
        """Return requests by a query."""
        return [_sound(each) for each in self._get("requests", "service_requests", "request", **asked)]

    def request(self, number: str) -> dict[str, Any]:
        """Return one request."""
        (found,) = self._get(f"requests/{number}", "service_requests", "request")
        return _sound(found)

    def _get(self, path: str, root: str, one: str, **asked: str) -> list[dict[str, Any]]:
        asked = {"api_key": self.api_key, **asked} if path.startswith(("requests", "tokens")) else asked
        answer = httpx.get(f"{self.url}/{path}.{self.form}", params=self._asked(asked))
        self._raise(answer)
        return _read(answer, self.form, root, one=one)

    def _asked(self, asked: dict[str, str]) -> dict[str, str]:
        return {**asked, **({"jurisdiction_id": self.jurisdiction} if self.jurisdiction else {})}

    def _raise(self, answer: httpx.Response) -> None:
        if answer.status_code >= 400:
            errors = _read(answer, self.form, "errors", one="error")
            assert [set(each) for each in errors] == [{"code", "description"}] * len(errors)
            raise Open311Error(answer.status_code, errors)


def _read(
    answer: httpx.Response, form: str, root: str, *, one: str, list_of: str | None = None
) -> list[dict[str, Any]]:
    assert answer.headers["content-type"].partition(";")[0] == MEDIA[form], answer.text
    if form == "json":
        value = json.loads(answer.content.decode("utf-8"))
        found = value[list_of] if list_of else value
        assert isinstance(found, list)
        return found
    assert re.match(rb"<\?xml version=['\"]1\.0['\"] encoding=['\"]UTF-8['\"]\?>", answer.content)
    top = fromstring(answer.content)
    assert top.tag == root
    within: Element = top if list_of is None else top.find(list_of)
    assert {each.tag for each in within} <= {one}
    return [{field.tag: field.text or None for field in each} for each in within]


def _sound(request: dict[str, Any]) -> dict[str, Any]:
    assert list(request) == REQUEST_FIELDS
    assert request["status"] in ("open", "closed")
    for name in ("requested_datetime", "updated_datetime", "expected_datetime"):
        if request[name] is not None:
            assert W3C.fullmatch(request[name])
            assert datetime.fromisoformat(request[name]).tzinfo is not None
    return {**request, "lat": float(request["lat"]), "long": float(request["long"])}
