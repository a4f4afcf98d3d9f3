"""No input brings an answer of 500: every route that the running app has, every body, every parameter."""

import json
from collections.abc import Iterator
from copy import deepcopy
from itertools import count
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine
from starlette.testclient import TestClient

from tests.laid import SPOT, lay

JSON = {"Content-Type": "application/json"}
CANARY = "canary7f3a"

# one value each, as JSON text: json.dumps would not write them all
VALUES = [
    *("NaN", "Infinity", "-Infinity", "1e400", "-1e400", "1e-400", "-0.0", "1.7976931348623157e308", "5e-324"),
    *("9223372036854775807", "9223372036854775808", "-9223372036854775809", "1" + "0" * 400, "9" * 5000),
    *("null", "true", "false", "[]", "{}", "[[]]", "[null]", "[1,2]", "0", "-1", "1.5"),
    *(f'"{text}"' for text in ("", " ", "\\u0000", f"{CANARY}\\u0000", "\\ud800", "\\udfff\\ud800", "\\u202e")),
    *(f'"{text}"' for text in ("NaN", "1e400", "-1", "true", "null", "٣", "1_000", "0x10", "\\r\\nSet-Cookie: a=b")),
    *(f'"{text}"' for text in ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2026-02-30T00:00:00Z")),
    *(f'"{text}"' for text in ("2026-11-01T24:00:00Z", "2026-11-01T00:00:00+99:99", "2026-W45-7T00:00Z", "23:59:60")),
    *(f'"{text}"' for text in ("' OR 1=1 --", "<script>alert(1)</script>", "../../etc/passwd", "{0.__class__}", "%s")),
    *(f'"{text}"' for text in ("+init=/etc/passwd:x", "EPSG:5773", "IAU:30100", "+proj=pipeline", "EPSG:999999999999")),
    *(f'"{"x" * 4001}"', '"' + "\\u0000" * 1000 + '"'),
    *("[" * depth + "]" * depth for depth in (50, 500)),
    *('{"a":' * depth + "1" + "}" * depth for depth in (50, 500)),
]  # fmt: skip
HUGE = [f'"{"x" * 1_000_000}"', f'"{"汉" * 300_000}"']
TOO_DEEP = ["[" * 100_000 + "]" * 100_000, '{"a":' * 100_000 + "1" + "}" * 100_000]
BODIES = [
    *(
        b"",
        b" ",
        b"null",
        b"true",
        b'"text"',
        b"123",
        b"NaN",
        b"[]",
        b"{}",
        b"[[]]",
        b"[null]",
        b'[{"a":1},2]',
        b"[{}]",
    ),
    *(b"{", b"[", b"[1,]", b'{"a":1,}', b"{} {}", b"\x00", b"\xff\xfe", b"\xef\xbb\xbf{}", b'{"a":"\xed\xa0\x80"}'),
    *('{"a":1}'.encode(name) for name in ("utf-16", "utf-32", "utf-7")),
    *("".join(part).encode() for part in TOO_DEEP),
    *(b"[" + b"{}," * 1000 + b"{}]", b"[" * 900 + b"]" * 900, b"x" * 3_000_000, b'{"a":1,"a":2}', b"a=1&b=2"),
]
TEXTS = [
    *(
        "",
        " ",
        "\x00",
        f"{CANARY}\x00",
        "a\x00b",
        "\r\n",
        "\u202e",
        "\ufeff",
        "x" * 201,
        "x" * 5000,
        "汉" * 300,
        "👮",
        ".",
    ),
    *("NaN", "inf", "-inf", "1e400", "-1", "0", "1.5", "9223372036854775808", "-9223372036854775809", "9" * 5000, "٣"),
    *("null", "true", "[]", "{}", "' OR 1=1 --", "<b>", "../..", "%", "%s%n", "{0.__class__}", "+init=/etc/passwd:x"),
    *("0001-01-01", "9999-12-31", "0001-01-01/9999-12-31", "9999-12-31/..", "../0001-01-01", "2026-11-01/2026-10-01"),
    *("0001-01-01T00:00:00+14:00/9999-12-31T23:59:59-14:00", "/", "//", "2026-02-30", "2026-11-01T00:00:00+99:99/.."),
    *("nan,nan,nan,nan", "inf,-inf,1,1", "0,0,0", "0,0,1e400,1", "-180,-90,180,90", "1,1,0,0", ",,,", "0,0,1,1,2,2"),
    *("EPSG:5773", "EPSG:4978", "IAU:30100", "EPSG:999999999999", "+proj=pipeline", "{}{}", "gcj02", "EPSG:4547"),
]
RAW = ["%", "%00", "%ff%fe", "%ed%a0%80", "%u0041", "+", "&", "a&a", "%0d%0aX: y", ";", "[", "\\"]


HEADERS = [
    *((b"Host", value) for value in (b"[", b"\xff", b"", b"a b")),
    *((name, b"\xff") for name in (b"Accept", b"Accept-Language", b"Cookie", b"X-Forwarded-For", b"X-Request-Id")),
    *((b"Range", b"bytes=9-1"), (b"If-None-Match", b"\xff"), (b"If-Modified-Since", b"never"), (b"Origin", b"\xff")),
]
METHODS = ("PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "NONSENSE")

EVERY = 48
"""In the ordinary run a place is given one value of so many; in the long run all."""
SPATIALITE = pytest.mark.parametrize("database_url", ["spatialite"], indirect=True)


@pytest.fixture
def app(engine: Engine, client: TestClient) -> TestClient:
    lay(engine)
    return client


def operations(client: TestClient) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Every operation that the app tells of, but for streams, which have no end: path, method, description."""
    for path, methods in client.get("/openapi.json").json()["paths"].items():
        for method, told in methods.items():
            if "text/event-stream" not in str(told["responses"]):
                yield path, method.upper(), told


def sound(answer: Any, *, asked: object) -> None:
    """Whatever the answer, it is no failure, and a refusal has the one body that every error has."""
    about = f"{str(asked)[:200]} → {answer.status_code} {answer.text[:300]}"
    assert answer.status_code < 500, about
    if answer.status_code >= 400 and answer.request.method != "HEAD":
        if answer.headers["content-type"].startswith("text/") and not answer.url.path.startswith("/api/"):
            return  # a page says what its form wants
        if answer.url.path.startswith("/open311/"):  # whose errors have the form of its specification
            assert "description" in answer.text, about
            return
        assert answer.headers["content-type"] == "application/json", about
        body = answer.json()
        assert sorted(body) == ["code", "description"], about
        assert body["description"].count(" / ") >= 1, about


def item_of(told: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Return an example of what a body holds, and the names of its fields."""
    schema = told["requestBody"]["content"]["application/json"]["schema"]
    one = schema["anyOf"][0] if "anyOf" in schema else schema
    return deepcopy(one.get("examples", [{}])[0]), list(one.get("properties", {}))


def with_value(item: dict[str, Any], field: str, value: str) -> str:
    """Write an item as JSON with one field given as text."""
    others = {name: given for name, given in item.items() if name != field}
    return f"{{{json.dumps(field)}:{value}{',' if others else ''}{json.dumps(others)[1:]}"


def takers(client: TestClient) -> list[tuple[str, str, dict[str, Any]]]:
    """Return the operations that take a JSON body."""
    return [
        taker
        for taker in operations(client)
        if "application/json" in taker[2].get("requestBody", {}).get("content", {})
    ]


def batches(client: TestClient) -> list[tuple[str, str, dict[str, Any]]]:
    """Return the operations that take one item or a list of them."""
    schemas = {path: told["requestBody"]["content"]["application/json"]["schema"] for path, _, told in takers(client)}
    found = [taker for taker in takers(client) if "anyOf" in schemas[taker[0]]]
    assert {path for path, _, _ in found} == {"/api/check-ins", "/api/incidents"}
    return found


def test_no_body_fails_the_app(app: TestClient) -> None:
    for path, method, _ in takers(app):
        for body in BODIES:
            answer = app.request(method, path, content=body, headers=JSON)
            sound(answer, asked=(path, body[:80]))
        for kind in (b"", b"text/plain", b"application/x-www-form-urlencoded", b"multipart/form-data", b"\xff"):
            answer = app.request(method, path, content=b"{}", headers=[(b"Content-Type", kind)])
            assert 400 <= answer.status_code < 500
            sound(answer, asked=(path, kind))


def try_fields(app: TestClient, every: int) -> None:
    """Give each field of each body one of so many values, and each value to some field."""
    tried: set[str] = set()
    places = count()
    for path, method, told in takers(app):
        item, fields = item_of(told)
        for field in [*fields, "other", ""]:
            values = [*VALUES[next(places) % every :: every], *(HUGE if field in fields[:1] else [])]
            for value in values:
                body = with_value(item, field, value)
                answer = app.request(method, path, content=body.encode(), headers=JSON)
                sound(answer, asked=(path, field, value[:80]))
                assert CANARY not in answer.text
                assert len(answer.text) < 6000
            tried |= {*values}
    assert tried >= {*VALUES}


@SPATIALITE  # the batches try the values on both
def test_no_value_of_a_field_fails_the_app_or_comes_back(app: TestClient) -> None:
    try_fields(app, EVERY)


@pytest.mark.long
def test_every_value_in_every_field(app: TestClient) -> None:
    try_fields(app, 1)


def test_no_item_fails_its_batch(app: TestClient) -> None:
    for path, method, told in batches(app):
        item, fields = item_of(told)
        good = json.dumps({**item, "longitude": SPOT[0], "latitude": SPOT[1]})
        for field in [*fields, "other"]:
            bad = [with_value(item, field, value) for value in VALUES]
            twice = f'{{"{field}":1,"{field}":1}}'
            body = f"[{','.join([*bad, '3', 'null', '[]', twice, good])}]"
            answer = app.request(method, path, content=body.encode(), headers=JSON)
            assert answer.status_code == 200, (path, field, answer.text[:300])
            answers = answer.json()
            assert len(answers) == len(bad) + 5
            assert answers[-1]["status"] in ("stored", "repeated"), (field, answers[-1])
            assert {told["status"] for told in answers[-5:-1]} == {"refused"}
            assert CANARY not in answer.text


def try_parameters(app: TestClient, every: int) -> None:
    """Give each parameter one of so many values, and each value to some parameter."""
    tried: set[str] = set()
    texts = [*map(quote, TEXTS), *RAW]
    places = count()
    for path, method, told in operations(app):
        for parameter in told.get("parameters", []):
            required = {other["name"]: "1" for other in told["parameters"] if other.get("required")}
            for value in texts[next(places) % every :: every]:
                asked = {**{name: quote(given) for name, given in required.items()}, parameter["name"]: value}
                inside = {name: asked.pop(name) for name in list(asked) if f"{{{name}}}" in path}
                query = "&".join(f"{name}={given}" for name, given in asked.items())
                url = f"{path.format(**inside)}?{query}" if query else path.format(**inside)
                sound(app.request(method, url, headers=JSON), asked=(method, url))
                tried.add(value)
    assert tried == {*texts}


def test_no_parameter_fails_the_app(app: TestClient) -> None:
    try_parameters(app, EVERY)


@pytest.mark.long
def test_every_text_in_every_parameter(app: TestClient) -> None:
    try_parameters(app, 1)


def try_headers_and_methods(app: TestClient, every: int) -> None:
    for place, (path, method, _) in enumerate(operations(app)):
        url = path.replace("{", "").replace("}", "")
        for header in HEADERS[place % every :: every]:
            sound(app.request(method, url, headers=[header]), asked=(method, url, header))
        for other in METHODS[place % every :: every]:
            sound(app.request(other, url), asked=(other, url))


@SPATIALITE  # no header or method gets as far as the database
def test_headers_and_methods(app: TestClient) -> None:
    try_headers_and_methods(app, 4)


@SPATIALITE
@pytest.mark.long
def test_every_header_and_method_everywhere(app: TestClient) -> None:
    try_headers_and_methods(app, 1)


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(st.characters(), max_size=8), inner, max_size=4)
    ),
    max_leaves=8,
)


def fuzz(app: TestClient, examples: int) -> None:
    for path, method, told in batches(app):
        item, fields = item_of(told)

        @settings(max_examples=examples, suppress_health_check=[HealthCheck.too_slow])
        @given(
            changes=st.lists(st.dictionaries(st.sampled_from(fields), ANY_JSON, max_size=3), max_size=4), whole=ANY_JSON
        )
        def try_it(changes: list[dict[str, Any]], whole: Any) -> None:
            for body in ([{**item, **change} for change in changes], whole):  # noqa: B023
                answer = app.request(method, path, content=json.dumps(body).encode(), headers=JSON)  # noqa: B023
                sound(answer, asked=body)
                assert answer.status_code == 200 or body is whole

        try_it()


def test_fuzzed_bodies(app: TestClient) -> None:
    fuzz(app, 50)


@pytest.mark.long
def test_very_many_fuzzed_bodies(app: TestClient) -> None:
    fuzz(app, 5000)
