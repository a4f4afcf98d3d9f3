"""A form with files over real HTTP: who may send it, how large it may be, and what comes back."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import pytest
from fastapi import APIRouter, Depends, FastAPI, Form, Request
from starlette.testclient import TestClient

from gisgrid.attachments.answer import attachment_answer
from gisgrid.attachments.sent import MOST_FIELDS, MOST_FILES, SentForm, form_schema, uploads
from gisgrid.attachments.store import Fetched, taken_in
from gisgrid.errors import Unproven
from gisgrid.headers import SafeHeaders
from gisgrid.problems import HANDLERS
from gisgrid.settings import Settings
from gisgrid.wire import BodyLimit
from tests.attachments.pictures import PDF, jpeg

router = APIRouter()
FILE = {"type": "string", "format": "binary"}


@router.post("/api/things/{number}/photos", openapi_extra=form_schema({"photo": FILE}, ["photo"]))
def take(number: int, form: SentForm) -> dict[str, Any]:
    files = [[each.field, len(each.read(1_000_000))] for each in form.files]
    return {"number": number, "fields": form.fields, "files": files}


@router.post("/api/either/{number}")
@router.post("/api/notes")
async def note(request: Request) -> int:
    return len(await request.body())


@router.post("/form")
def plain_form(words: Annotated[str, Form()]) -> int:
    return len(words)


@router.get("/api/photo/{media}")
def show(media: str, request: Request) -> Any:
    kind = {"photo": "image/jpeg", "document": "application/pdf"}[media]
    return attachment_answer(request, Fetched("ab" * 32, kind, 4, data=b"data" * 1000))


def let_in(request: Request) -> None:
    if "x-nobody" in request.headers:
        raise Unproven("请先登录", "sign in first")


HALF = b'--x\r\nContent-Disposition: form-data; name="photo"; filename="x"\r\n\r\n' + bytes(2_000_000)
PHOTOS = "/api/things/7/photos"


@pytest.fixture
def client() -> Iterator[TestClient]:
    app = FastAPI(dependencies=[Depends(let_in)], exception_handlers=HANDLERS)
    app.include_router(router)
    larger = {**uploads([router], 5_000_000), "POST /api/either/{number}": 5000}
    app.add_middleware(BodyLimit, max_bytes=1000, uploads=larger)
    app.add_middleware(SafeHeaders)
    with TestClient(app) as client:
        yield client


def test_routes_that_take_files_are_found_by_what_they_ask_for() -> None:
    assert uploads([router], 5) == {"POST /api/things/{number}/photos": 5}


def test_fields_and_files_come_in_order_and_empty_files_are_none(client: TestClient) -> None:
    files = [("photo", ("../../x.jpg", b"12", "text/html")), ("photo", ("none", b"")), ("paper", ("y", b"x" * 900_000))]
    answer = client.post(PHOTOS, data={"words": "甲", "form_token": "t"}, files=files)
    assert answer.json() == {
        "number": 7,
        "fields": {"words": "甲", "form_token": "t"},
        "files": [["photo", 2], ["paper", 900_000]],
    }


@pytest.mark.parametrize(
    ("path", "sent", "status"),
    [
        (PHOTOS, {"files": [("photo", ("x", bytes(999_999)))] * 4}, 200),
        (PHOTOS, {"files": [("photo", ("x", bytes(999_999)))] * 6}, 413),
        (PHOTOS, {"files": {"photo": ("x", bytes(1_000_001))}}, 413),
        (PHOTOS, {"json": {"a": "x" * 2000}}, 422),  # refused unread
        (PHOTOS, {"content": bytes(2000)}, 422),
        ("/api/notes", {"content": bytes(1000)}, 200),
        ("/api/notes", {"content": bytes(1001)}, 413),
        ("/api/notes", {"files": {"photo": ("x", bytes(2000))}}, 413),
        ("/api/either/1", {"files": {"photo": ("x", bytes(2000))}}, 200),
        ("/api/either/1", {"files": {"photo": ("x", bytes(6000))}}, 413),
        ("/api/either/1", {"content": bytes(1001)}, 413),
        ("/form", {"files": {"photo": ("x", bytes(2000))}}, 413),
        (PHOTOS + "/more", {"files": {"photo": ("x", bytes(2000))}}, 404),
        ("/api/things/x/photos", {"files": {"photo": ("x", b"1")}}, 422),
    ],
)
def test_only_forms_with_files_of_their_routes_may_be_large(
    client: TestClient, path: str, sent: dict[str, Any], status: int
) -> None:
    answer = client.post(path, **sent)
    assert answer.status_code == status
    assert status == 200 or set(answer.json()) == {"code", "description"}


@pytest.mark.parametrize(
    "sent",
    [
        {"files": [("photo", ("x", b"1"))] * (MOST_FILES + 1)},
        {"files": {"photo": ("x", b"1")}, "data": {f"f{number}": "1" for number in range(MOST_FIELDS + 1)}},
        {"files": {"photo": ("x", b"1")}, "data": {"words": "x" * 20_001}},
        {"content": b"--x\r\nnonsense", "headers": {"Content-Type": "multipart/form-data; boundary=x"}},
        {"content": b"nonsense", "headers": {"Content-Type": "multipart/form-data; boundary=x"}},
        {"content": HALF, "headers": {"Content-Type": "multipart/form-data; boundary=x"}},
        {"content": b"nonsense", "headers": {"Content-Type": "multipart/form-data"}},
        {"content": b"a=1", "headers": {"Content-Type": "application/x-www-form-urlencoded"}},
        {"content": b"{}", "headers": {"Content-Type": "application/json"}},
        {"content": b""},
    ],
)
def test_what_is_no_form_of_this_kind_is_refused_in_words(client: TestClient, sent: dict[str, Any]) -> None:
    answer = client.post(PHOTOS, **sent)
    assert (answer.status_code, answer.json()["code"]) == (422, "BadForm")
    assert "multipart/form-data" in answer.json()["description"]


def test_nothing_is_read_of_whoever_is_not_let_in(client: TestClient) -> None:
    headers = {"X-Nobody": "1", "Content-Type": "multipart/form-data; boundary=x"}
    assert client.post(PHOTOS, content=b"nonsense", headers=headers).status_code == 401


@pytest.mark.parametrize(
    ("media", "kind", "disposition"),
    [
        ("photo", "image/jpeg", 'inline; filename="photo-abababababab.jpg"'),
        ("document", "application/pdf", 'attachment; filename="document-abababababab.pdf"'),
    ],
)
def test_what_is_handed_out_is_what_we_say_it_is(client: TestClient, media: str, kind: str, disposition: str) -> None:
    answer = client.get(f"/api/photo/{media}")
    assert (answer.status_code, answer.content) == (200, b"data" * 1000)
    assert answer.headers["content-type"] == kind
    assert answer.headers["content-disposition"] == disposition
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "private, no-cache"
    for tag in (answer.headers["etag"], f'"x", W/{answer.headers["etag"]}'):
        again = client.get(f"/api/photo/{media}", headers={"If-None-Match": tag})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == answer.headers["etag"]
    assert client.get(f"/api/photo/{media}", headers={"If-None-Match": '"other"'}).status_code == 200


def test_what_is_sent_ends_as_what_is_kept(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    assert taken_in(jpeg(), settings).media_type == "image/jpeg"
    assert taken_in(PDF, settings).media_type == "application/pdf"
