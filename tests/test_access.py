"""The guard: who is let in where, and that whatever was taken away is gone with the next request."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from fastapi import APIRouter
from sqlalchemy import Engine, text
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles
from starlette.testclient import TestClient

from gisgrid.access import ACCESS, Unlisted, require_listed
from gisgrid.app import create_app
from gisgrid.database import session_scope
from gisgrid.settings import Settings
from gisgrid.staff.tokens import Kind, NoSuchToken, issue, revoke
from tests.laid import lay
from tests.staff.callers import key

PLACE = ("street_leader", None)
API, PAGE = "/api/grid/cells", "/"
HERE = ("127.0.0.1", 50000)


def worker(settings: Settings, base_url: str = "http://127.0.0.1", peer: tuple[str, int] = HERE) -> TestClient:
    """Return a client, nobody yet, of one more process's application."""
    app = create_app(settings)
    return TestClient(app, base_url=base_url, client=peer, raise_server_exceptions=False, follow_redirects=False)


@pytest.fixture
def asked(settings: Settings, engine: Engine) -> Iterator[TestClient]:
    """The application, asked by nobody, over a grid."""
    lay(engine)
    with worker(settings) as client:
        yield client


def bearer(words: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {words}"}


def browser(words: str) -> dict[str, str]:
    return {"Cookie": f"gisgrid={words}"}


def shown(engine: Engine, kind: Kind, *roles: tuple[str, str | None]) -> str:
    """Return the words of a new token: of somebody with these roles, or of a device or board."""
    with session_scope(engine, write=True) as session:
        if kind in ("device", "board"):
            return issue(session, kind, cell_code="440307009").words
        return key(session, *roles, kind=kind).words


# --- who is let in ---------------------------------------------------------------------------------


def test_nobody_is_told_to_sign_in_and_a_page_leads_there(asked: TestClient) -> None:
    answer = asked.get(API)
    assert (answer.status_code, answer.json()["code"]) == (401, "SignInNeeded")
    assert answer.headers["www-authenticate"] == "Bearer"
    led = asked.get(PAGE, params={"level": "street"})
    assert (led.status_code, led.headers["location"]) == (303, "/sign-in?next=%2F%3Flevel%3Dstreet")


@pytest.mark.parametrize(
    "shown", [b"Bearer", b"Bearer x", b"Bearer gg_key_x", b"Basic eDp4", "Bearer 汉".encode(), b"Bearer \xff"]
)
def test_a_token_that_is_none_lets_nobody_in(asked: TestClient, shown: bytes) -> None:
    answer = asked.get(API, headers={b"Authorization": shown})
    assert (answer.status_code, answer.json()["code"]) == (401, "SignInNeeded")
    assert "gg_key" not in answer.text


@pytest.mark.parametrize("kind", ["session", "browser", "link"])
def test_a_token_of_another_kind_is_no_key(asked: TestClient, engine: Engine, kind: Kind) -> None:
    assert asked.get(API, headers=bearer(shown(engine, kind, PLACE))).status_code == 401


@pytest.mark.parametrize("kind", ["api", "device", "board"])
def test_keys_devices_and_boards_show_their_token_in_the_header(asked: TestClient, engine: Engine, kind: Kind) -> None:
    assert asked.get(API, headers=bearer(shown(engine, kind, PLACE))).status_code == 200


def test_a_browser_shows_its_cookie(asked: TestClient, engine: Engine) -> None:
    assert asked.get(PAGE, headers=browser(shown(engine, "session", PLACE))).status_code == 200


def test_the_public_is_let_in_only_where_it_is_wanted(settings: Settings, engine: Engine) -> None:
    lay(engine)
    with worker(settings.model_copy(update={"public_viewer": True})) as client:
        allowed = {route for route in ("/", API, "/api/coverage") if client.get(route).status_code == 200}
        assert allowed == {"/", API, "/api/coverage"}
        assert [client.get(f"/api/{name}").status_code for name in ("check-ins", "incidents")] == [403, 403]


def test_too_many_wrong_tokens_from_one_address_are_slowed_and_right_ones_are_not(
    asked: TestClient, engine: Engine
) -> None:
    right = bearer(shown(engine, "api", PLACE))
    statuses = [asked.get(API, headers=bearer(f"gg_key_{number}")).status_code for number in range(25)]
    assert statuses == [401] * 20 + [429] * 5
    slowed = asked.get(API, headers=bearer("gg_key_x"))
    assert (slowed.json()["code"], int(slowed.headers["retry-after"]) > 0) == ("TooManyFailures", True)
    assert asked.get(API, headers=right).status_code == 200


# --- what was taken away is gone -------------------------------------------------------------------


@pytest.mark.parametrize(
    "taken",
    [
        "UPDATE tokens SET revoked_at = created_at",
        "UPDATE tokens SET expires_at = created_at",
        "UPDATE people SET is_active = false",
        "DELETE FROM appointments",
    ],
)
def test_what_is_taken_away_is_gone_with_the_next_request_in_every_worker(
    asked: TestClient, settings: Settings, engine: Engine, taken: str
) -> None:
    headers = bearer(shown(engine, "api", PLACE))
    with worker(settings) as other:
        assert [client.get(API, headers=headers).status_code for client in (asked, other)] == [200, 200]
        with engine.begin() as connection:
            connection.execute(text(taken))
        wanted = 403 if "appointments" in taken else 401
        assert [client.get(API, headers=headers).status_code for client in (asked, other)] == [wanted, wanted]


@pytest.mark.parametrize(("column", "age", "status"), [
    ("last_used_at", timedelta(minutes=29), 200),
    ("last_used_at", timedelta(minutes=31), 303),
    ("expires_at", timedelta(0), 303),
])  # fmt: skip
def test_a_browser_left_alone_or_open_too_long_signs_in_again(
    asked: TestClient, engine: Engine, column: str, age: timedelta, status: int
) -> None:
    with session_scope(engine, write=True) as session:
        token = key(session, PLACE, kind="session")
        setattr(token.row, column, token.row.created_at - age)
    assert asked.get(PAGE, headers=browser(token.words)).status_code == status


def test_the_use_of_a_token_is_noted(asked: TestClient, engine: Engine) -> None:
    with session_scope(engine, write=True) as session:
        token = key(session, PLACE)
    asked.get(API, headers=bearer(token.words))
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM tokens WHERE last_used_at IS NOT NULL")) == 1


def test_a_revoked_token_is_not_revoked_twice(engine: Engine) -> None:
    with session_scope(engine, write=True) as session:
        token = key(session, PLACE)
        assert revoke(session, token.row.id).revoked_at is not None
        with pytest.raises(NoSuchToken):
            revoke(session, token.row.id)


# --- connections and forms -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "peer", "status"),
    [
        ("http://127.0.0.1", "127.0.0.1", 200),
        ("http://localhost", "127.0.0.1", 200),
        ("http://[::1]", "::1", 200),
        ("https://grid.example", "192.168.1.7", 200),
        ("http://grid.example", "192.168.1.7", 403),
        ("http://192.168.1.2", "192.168.1.7", 403),
        ("http://grid.example", "127.0.0.1", 403),  # a proxy on this machine that nobody named
        ("http://127.0.0.1", "192.168.1.7", 403),
    ],
)
def test_credentials_are_taken_where_nobody_reads_along(
    settings: Settings, engine: Engine, url: str, peer: str, status: int
) -> None:
    lay(engine)
    with worker(settings, url, (peer, 50000)) as client:
        answer = client.get(API, headers=bearer(shown(engine, "api", PLACE)))
        assert answer.status_code == status
        if status == 403:
            assert (answer.json()["code"], "https" in answer.text) == ("PlainHttp", True)


@pytest.mark.parametrize(
    ("headers", "is_refused"),
    [
        ({"Origin": "http://127.0.0.1"}, False),
        ({"Sec-Fetch-Site": "same-origin"}, False),
        ({"Origin": "http://evil.example"}, True),
        ({"Origin": "null"}, True),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "http://127.0.0.1"}, True),
        ({"Sec-Fetch-Site": "same-site"}, True),
        ({"Sec-Fetch-Site": "none"}, True),
        ({}, True),
    ],
)
def test_what_changes_something_comes_from_a_page_of_ours(
    asked: TestClient, engine: Engine, headers: dict[str, str], is_refused: bool
) -> None:
    cookie = browser(shown(engine, "session", PLACE))
    answer = asked.post("/api/incidents", json={}, headers=cookie | headers)
    assert (answer.json()["code"] == "ForeignForm") == is_refused


# --- the list --------------------------------------------------------------------------------------


def _router(*routes: str) -> APIRouter:
    router = APIRouter()
    for route in routes:
        method, _, path = route.partition(" ")
        router.add_api_route(path, lambda: None, methods=[method])
    return router


def test_every_route_is_listed_and_every_entry_is_a_route() -> None:
    require_listed([_router(*ACCESS)])
    with pytest.raises(Unlisted, match="GET /api/secrets"):
        require_listed([_router(*ACCESS, "GET /api/secrets")])
    with pytest.raises(Unlisted, match="GET /healthz"):
        require_listed([_router(*(set(ACCESS) - {"GET /healthz"}))])


def test_what_cannot_be_guarded_is_no_route() -> None:
    router = _router(*ACCESS)
    router.routes.append(Mount("/files", StaticFiles(directory="/")))
    with pytest.raises(Unlisted, match="guarded"):
        require_listed([router])
