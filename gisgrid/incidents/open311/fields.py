"""What a client of Open311 sends: the fields of its form, and the key that it shows in its query or among them."""

from typing import Annotated, Final
from urllib.parse import parse_qsl

from fastapi import Depends, Request

from gisgrid.errors import Refused
from gisgrid.incidents.open311.mistakes import is_open311

FORM: Final = "application/x-www-form-urlencoded"
KEY: Final = "api_key"
MOST_FIELDS: Final = 200


class BadFields(Refused):
    """A body that is no form as Open311 has it."""


async def _fields(request: Request) -> dict[str, str]:
    """Return the fields of a form, the last of each name. Raises BadFields, and BodyTooLarge while it is read."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM:
        raise _bad_fields()
    body = await request.body()  # read once, however often it is asked for
    try:
        text = body.decode("utf-8")
        return dict(parse_qsl(text, keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="strict"))
    except ValueError as error:
        raise _bad_fields() from error


def _bad_fields() -> BadFields:
    return BadFields(
        f"应为 UTF-8 的表单({FORM}),至多 {MOST_FIELDS} 个字段",
        f"must be a form in UTF-8 ({FORM}) of at most {MOST_FIELDS} fields",
    )


async def _shown_key(request: Request) -> str | None:
    """Return the key that is shown in the query or the form, "" for none; None where no client of Open311 asks."""
    if not is_open311(request.scope["path"]):
        return None
    is_shown = KEY in request.query_params or "authorization" in request.headers
    if is_shown or request.method != "POST":
        return request.query_params.get(KEY, "").strip()
    try:
        return (await _fields(request)).get(KEY, "").strip()
    except BadFields:  # of which whoever may ask is told
        return ""


SentFields = Annotated[dict[str, str], Depends(_fields)]
ShownKey = Annotated[str | None, Depends(_shown_key)]
