"""What arrives over the wire and how it is read: bodies that cannot trip us, field types that take no nonsense.

Items of a batch are read one by one: a bad one is refused in words and the others go on. Nothing refused is echoed.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, TypeVar
from urllib.parse import urlencode

from fastapi import Depends, Path, Query, Request
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, Strict, StringConstraints
from pydantic import ValidationError as Invalid
from starlette.routing import compile_path
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gisgrid.errors import GisgridError, TooLarge
from gisgrid.geometry import UnknownCrs, named_crs
from gisgrid.parameters import Page
from gisgrid.parse import CONTROL, YEARS, BadBody, DoubledKeys, near, parse_json, read_time
from gisgrid.words import BadInput, bad_input, told

MAX_ITEMS = 1000


class BodyTooLarge(TooLarge):
    """A body of more bytes than one request may carry."""


class TooManyItems(TooLarge):
    """More items than one request may carry."""


# --- field types ---------------------------------------------------------------------------------

CONTROL_BUT_LINES = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")


def _one_line(value: str) -> str:
    if CONTROL.search(value) or not value.strip():
        raise told("不能为空,也不能含换行等控制字符", "must not be blank or hold control characters")
    return value


def _prose(value: str) -> str:
    if CONTROL_BUT_LINES.search(value):
        raise told("不能含控制字符", "must not hold control characters")
    return value


def _crs(value: str) -> str:
    try:
        return named_crs(value)
    except UnknownCrs as error:
        raise told(
            "不认识这个坐标系;可用 EPSG:4326、EPSG:4490、EPSG:4547、gcj02、bd09",
            "is an unknown coordinate system; use EPSG:4326, EPSG:4490, EPSG:4547, gcj02 or bd09",
        ) from error


def _moment(value: object) -> datetime:
    try:
        moment = read_time(value if isinstance(value, str) else "")
        in_utc = near(moment.astimezone(UTC)) if moment.tzinfo else None
    except OverflowError as error:
        raise told(*YEARS) from error
    except ValueError as error:
        raise told(
            "应为 ISO 8601 时间,如 2026-11-01T08:00:00+08:00", "must be a time such as 2026-11-01T08:00:00+08:00"
        ) from error
    if in_utc is None:
        raise told("缺少时区,如 +08:00", "has no zone, such as +08:00")
    return in_utc


Name = Annotated[str, Strict(), StringConstraints(min_length=1, max_length=100), AfterValidator(_one_line)]
"""One line of text that identifies somebody or something."""
Purpose = Annotated[
    str,
    Strict(),
    StringConstraints(strip_whitespace=True, min_length=5, max_length=200),
    AfterValidator(_one_line),
]
"""Why somebody looks at what is another's, in a few words."""
Prose = Annotated[str, Strict(), StringConstraints(max_length=4000), AfterValidator(_prose)]
"""What a person wrote; line breaks are kept."""
CrsName = Annotated[str, Strict(), AfterValidator(_crs)]
"""The name of a coordinate system; comes out canonical."""
Moment = Annotated[
    datetime,
    BeforeValidator(_moment, json_schema_input_type=Annotated[str, Field(json_schema_extra={"format": "date-time"})]),
]
"""A time with its zone; comes out in UTC."""
Coordinate = Annotated[float, Strict(), Field(ge=-1e9, le=1e9, allow_inf_nan=False)]
"""A coordinate as sent, in degrees or metres of its own system."""
Metres = Annotated[float, Strict(), Field(ge=0, le=1e8, allow_inf_nan=False)]


PurposeQuery = Annotated[Purpose | None, Query()]
"""What a look at others' tracks is for."""
NamePath = Annotated[Annotated[str, AfterValidator(_one_line)], Path(max_length=100)]
"""A code or a name in an address."""
NameQuery = Annotated[Annotated[str, AfterValidator(_one_line)] | None, Query(max_length=100)]
"""A code or a name asked for."""


class Sent(BaseModel):
    """The parent of what people and phones send in: unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


# --- bodies --------------------------------------------------------------------------------------


class BodyLimit:
    """Stops reading a body that is too large, so that it is refused in the same form as all else.

    `uploads` names the routes that may take a larger form with files, as `METHOD /path/{parameter}`, each with the most
    bytes of one; any other body has `max_bytes` there too.
    """

    def __init__(self, app: ASGIApp, max_bytes: int, uploads: Mapping[str, int] | None = None) -> None:
        self.app = app
        self.max_bytes = max_bytes
        self.uploads = [(*_pattern(route), most) for route, most in (uploads or {}).items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        seen, most = 0, self._most(scope)

        async def limited() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > most:
                raise BodyTooLarge(
                    f"请求体超过 {most} 字节,请分批发送", f"the body is larger than {most} bytes; send it in parts"
                )
            return message

        await self.app(scope, limited, send)

    def _most(self, scope: Scope) -> int:
        if scope["type"] != "http" or not _is_form_with_files(scope):
            return self.max_bytes
        asked, at = scope["method"], scope["path"]
        found = (most for method, path, most in self.uploads if method == asked and path.match(at))
        return next(found, self.max_bytes)


def _pattern(route: str) -> tuple[str, re.Pattern[str]]:
    method, _, path = route.partition(" ")
    return method, compile_path(path)[0]


def _is_form_with_files(scope: Scope) -> bool:
    kind = dict(scope["headers"]).get(b"content-type", b"")
    return bool(kind.lower().startswith(b"multipart/form-data"))


async def _json_body(request: Request) -> Any:
    # a page of another site can post any other type without asking the browser's leave
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json" and not (kind.startswith("application/") and kind.endswith("+json")):
        raise BadBody(
            "请用请求头 Content-Type: application/json", "send it with the header Content-Type: application/json"
        )
    return parse_json(await request.body())


JsonBody = Annotated[Any, Depends(_json_body)]


def body_schema(model: type[BaseModel]) -> dict[str, Any]:
    """Return what OpenAPI says of a body that is one item or a list of them."""
    one = model.model_json_schema()
    many = {"type": "array", "items": one, "maxItems": MAX_ITEMS}
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": {"anyOf": [one, many]}}}}}


def one_schema(model: type[BaseModel]) -> dict[str, Any]:
    """Return what OpenAPI says of a body that is one item."""
    content = {"application/json": {"schema": model.model_json_schema()}}
    return {"requestBody": {"required": True, "content": content}}


def items_of(body: Any) -> list[Any]:
    """Return a body's items: its elements if it is a list, else itself. Raises TooManyItems."""
    items = body if isinstance(body, list) else [body]
    if len(items) > MAX_ITEMS:
        raise TooManyItems(
            f"一次最多 {MAX_ITEMS} 条,本次 {len(items)} 条;请分批发送",
            f"at most {MAX_ITEMS} items at a time, not {len(items)}; send them in several requests",
        )
    return items


Item = TypeVar("Item", bound=Sent)


def read_item(model: type[Item], item: Any) -> Item | GisgridError:
    """Return one item of a batch, or why it is refused."""
    if not isinstance(item, dict):
        return BadInput("每一条应为 JSON 对象 {…}", "each item must be a JSON object {…}")
    if isinstance(item, DoubledKeys):
        return BadInput("同一字段出现了两次", "a field is given twice")
    try:
        return model.model_validate(item)
    except Invalid as error:
        return bad_input(error.errors(include_url=False, include_input=False), model.model_fields)
    except GisgridError as error:  # a validator that already tells it in words, such as UnknownKind
        return error


def read_one(model: type[Item], body: Any) -> Item:
    """Return a body that is one item. Raises BadInput, and what the item's validators raise."""
    item = read_item(model, body)
    if isinstance(item, GisgridError):
        raise item
    return item


# --- answers -------------------------------------------------------------------------------------


class Link(BaseModel):
    """A link of a collection."""

    rel: str
    type: str
    href: str


def next_links(request: Request, page: Page, matched: int) -> list[Link]:
    """Return the link to the next page, if there is one; its address is relative to the server."""
    following = page.offset + page.limit
    if following >= matched:
        return []
    asked = {**request.query_params, "limit": page.limit, "offset": following}
    return [Link(rel="next", type="application/geo+json", href=f"{request.scope['path']}?{urlencode(asked)}")]
