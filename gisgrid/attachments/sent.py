"""Forms with files: read after the guard has let their sender in, file by file, never whole in memory.

A route that takes `SentForm` is one of `uploads`: `wire.BodyLimit` lets it have larger bodies than all others.
"""

from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, BinaryIO, Final

from fastapi import APIRouter, Depends, Request
from fastapi.routing import APIRoute
from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from gisgrid.errors import Refused, TooLarge

MOST_FILES: Final = 10
MOST_FIELDS: Final = 50
MOST_FIELD_BYTES: Final = 20_000


class BadForm(Refused):
    """A body that is no form with files, or one of too many parts."""


class FileTooLarge(TooLarge):
    """A file of more bytes than any of those that are taken."""


@dataclass(frozen=True, slots=True)
class SentFile:
    """A file of a form, on disk where it is large; its name and type are the sender's and stay unused."""

    field: str
    size: int
    file: BinaryIO

    def read(self, most: int) -> bytes:
        """Return its bytes. Raises FileTooLarge where there are more."""
        if self.size > most:
            megabytes = f"{most / 1e6:g}"
            raise FileTooLarge(f"文件超过 {megabytes} MB,请缩小后再传", f"a file is larger than {megabytes} MB")
        self.file.seek(0)
        return self.file.read()


@dataclass(frozen=True, slots=True)
class Form:
    """The fields of a form as text, the last of each name, and its files in the order in which they were sent."""

    fields: Mapping[str, str]
    files: tuple[SentFile, ...]


class _Parser(MultiPartParser):
    """Starlette's parser, which also knows whether the form has come to its end: a file may be half there else."""

    is_whole = False

    def on_end(self) -> None:
        self.is_whole = True

    def let_go(self) -> None:
        """Close every file, those too that are not whole."""
        for file in self._files_to_close_on_error:
            file.close()


async def _sent_form(request: Request) -> AsyncIterator[Form]:
    """Yield a form, and let go of its files afterwards. Raises BadForm, and BodyTooLarge while it is read."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "multipart/form-data":
        raise _bad_form()
    parser = _Parser(
        request.headers,
        request.stream(),
        max_files=MOST_FILES,
        max_fields=MOST_FIELDS,
        max_part_size=MOST_FIELD_BYTES,
    )
    try:
        sent = await parser.parse()
        if not parser.is_whole:
            raise _bad_form()
        yield _form(sent)
    except MultiPartException as error:
        raise _bad_form() from error
    finally:
        parser.let_go()


def _form(sent: FormData) -> Form:
    parts = sent.multi_items()
    files = (SentFile(name, each.size or 0, each.file) for name, each in parts if isinstance(each, UploadFile))
    # a browser sends an empty file for a field that nobody filled in
    return Form(
        {name: each for name, each in parts if isinstance(each, str)}, tuple(each for each in files if each.size)
    )


def _bad_form() -> BadForm:
    return BadForm(
        f"应为完整的带文件的表单(multipart/form-data),至多 {MOST_FILES} 个文件、{MOST_FIELDS} 个字段",
        f"must be a whole form with files (multipart/form-data): at most {MOST_FILES} files and {MOST_FIELDS} fields",
    )


SentForm = Annotated[Form, Depends(_sent_form)]
"""A form with files, in place of FastAPI's `Form` and `File`, which are read before anybody is asked who they are.

A route has the one or the others: a page's form token is then `fields["form_token"]`, for `require_own_form`.
"""


def uploads(routers: Iterable[APIRouter], max_bytes: int) -> dict[str, int]:
    """Return the routes that take forms with files, as `METHOD /path/{parameter}`, each with the most it takes."""
    routes = [each for router in routers for each in router.routes if isinstance(each, APIRoute)]
    taking = [each for each in routes if _takes_files(each.dependant)]
    return {f"{method} {each.path}": max_bytes for each in taking for method in each.methods or ()}


def _takes_files(dependant: Any) -> bool:
    return dependant.call is _sent_form or any(map(_takes_files, dependant.dependencies))


def form_schema(fields: Mapping[str, Any], required: Iterable[str] = ()) -> dict[str, Any]:
    """Return what OpenAPI says of a form with files; a file is `{"type": "string", "format": "binary"}`."""
    schema = {"type": "object", "properties": dict(fields), "required": list(required)}
    return {"requestBody": {"required": True, "content": {"multipart/form-data": {"schema": schema}}}}
