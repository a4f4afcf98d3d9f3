"""What Open311 says on the wire, for the description of the API: JSON by these shapes, XML by the same names."""

from collections.abc import Mapping
from typing import Any, Final, Literal

from pydantic import BaseModel

from gisgrid.incidents.open311.fields import FORM, KEY
from gisgrid.incidents.open311.submit import ServiceRequestCreate

Schema = dict[str, Any]


class ServiceEntry(BaseModel):
    """A service that citizens may ask for."""

    service_code: str
    service_name: str
    description: str
    metadata: Literal[False]
    type: Literal["realtime"]
    keywords: str
    group: str


class DefinitionEntry(BaseModel):
    """What else is asked for with a service: nothing."""

    service_code: str
    attributes: list[str]


class ReceivedEntry(BaseModel):
    """The answer to a request."""

    service_request_id: str
    service_notice: str
    account_id: None


class TokenEntry(BaseModel):
    """The number behind a token."""

    service_request_id: str
    token: str


class RequestEntry(BaseModel):
    """A request as it stands; `expected_datetime` is the deadline of its clock, null where none runs."""

    service_request_id: str
    status: Literal["open", "closed"]
    status_notes: str
    service_name: str
    service_code: str
    description: str
    agency_responsible: str | None
    service_notice: None
    requested_datetime: str
    updated_datetime: str
    expected_datetime: str | None
    address: str
    address_id: None
    zipcode: None
    lat: float
    long: float
    media_url: None


def _answers(schema: Schema) -> Schema:
    return {"content": {"application/json": {"schema": schema}, "text/xml": {"schema": {"type": "string"}}}}


def one(model: type[BaseModel]) -> dict[int | str, Any]:
    """Return what OpenAPI says of an answer that is one thing."""
    return {200: _answers(model.model_json_schema())}


def many(model: type[BaseModel]) -> dict[int | str, Any]:
    """Return what OpenAPI says of an answer that is a list."""
    return {200: _answers({"type": "array", "items": model.model_json_schema()})}


MISTAKE: Final[Schema] = {
    "type": "object",
    "properties": {"code": {"type": "integer"}, "description": {"type": "string"}},
    "required": ["code", "description"],
}
MISTAKES: Final = {"description": "a mistake, in words", **_answers({"type": "array", "items": MISTAKE})}
RESPONSES: Final[dict[int | str, dict[str, Any]]] = {"4XX": MISTAKES, 503: MISTAKES}
DISCOVERY: Final[dict[int | str, Any]] = {200: _answers({"type": "object"})}
KEYED: Final[Schema] = {
    "parameters": [
        {
            "name": KEY,
            "in": "query",
            "required": False,
            "schema": {"type": "string"},
            "description": "an API key of an account; or send the header Authorization: Bearer …",
        }
    ]
}
"""What OpenAPI says of routes that ask for a key."""


def _sent(model: type[BaseModel], others: Mapping[str, str]) -> Schema:
    schema = model.model_json_schema()
    schema.pop("additionalProperties")  # clients send fields of their own
    schema["properties"] |= {
        name: {"type": "string", "description": description} for name, description in others.items()
    }
    return {"requestBody": {"required": True, "content": {FORM: {"schema": schema}}}}


REQUEST: Final[Schema] = _sent(
    ServiceRequestCreate,
    {
        "jurisdiction_id": "kuichong or the code of the street; may be left out",
        "address_string": "not enough alone: no address is looked up",
        "media_url": "not taken: no other address is read",
        KEY: "an API key of an account; or send the header Authorization: Bearer …",
    },
)
