"""A real OpenID provider on loopback, with knobs to misbehave: what it says, how it signs, how it answers."""

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, unquote_plus, urlencode, urlsplit

import httpx
from joserfc import jws
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey
from pydantic import SecretStr

from gisgrid.settings import Settings
from gisgrid.staff.provider import Claimed, Ties, claimed, way_to_provider

Answer = tuple[int, dict[str, str], bytes]

DISCOVERY = "/.well-known/openid-configuration"

RSA = RSAKey.generate_key(2048, {"kid": "rsa", "use": "sig"})
KEYS: dict[str, Key] = {
    "RS256": RSA,
    "PS256": RSA,
    "ES256": ECKey.generate_key("P-256", {"kid": "ec"}),
    "EdDSA": OKPKey.generate_key("Ed25519", {"kid": "okp"}),
    "Ed25519": OKPKey.generate_key("Ed25519", {"kid": "okp"}),
}

TIES = Ties.of("a secret of this browser")


class Signing(jws.JWSRegistry):
    """Signs with whatever it is told, without a warning."""

    def get_alg(self, name: str) -> Any:
        return self.algorithms[name]


class Provider:
    """What the provider says and does; a test turns its knobs before a person is sent to it."""

    def __init__(self, port: int) -> None:
        self.issuer = f"http://127.0.0.1:{port}/{secrets.token_hex(4)}"  # nothing kept of another is taken for its own
        self.client_id = "gisgrid"
        self.client_secret = "a secret: with + and %"
        self.subject: Any = "u-1"
        self.claims: dict[str, Any] = {"preferred_username": "zhang"}  # what an id_token also says; None takes away
        self.header: dict[str, Any] = {"alg": "RS256", "kid": "rsa"}
        self.key: Key = RSA
        self.by_hand: Callable[[bytes], bytes] | None = None
        self.keys: list[dict[str, Any]] = [RSA.as_dict(private=False)]
        self.metadata: dict[str, Any] = {}  # what discovery also says; None takes away
        self.answers: dict[str, Answer] = {}  # what a path answers instead
        self.token: dict[str, Any] = {}  # what the token endpoint also says; None takes away
        self.delay_s = 0.0  # before an answer
        self.drip_s = 0.0  # before each byte of it
        self.meanwhile: Callable[[], object] = lambda: None  # what happens elsewhere while it works on a code
        self.asked: list[str] = []
        self._codes: dict[str, dict[str, Any]] = {}

    def sign_as(self, algorithm: str, key: Key | None = None) -> None:
        """Sign by an algorithm, and publish the key."""
        self.key = key or KEYS[algorithm]
        self.header = {"alg": algorithm, "kid": self.key.kid}
        self.keys = [self.key.as_dict(private=False)]

    def sign_by_hand(self, algorithm: str, sign: Callable[[bytes], bytes], **header: Any) -> None:
        """Sign as no library does."""
        self.header |= {"alg": algorithm, **header}
        self.by_hand = sign

    def answer(self, path: str, query: str, body: str, authorization: str) -> Answer:
        """Answer a request for a path below the issuer."""
        self.asked.append(path)
        if path in self.answers:
            return self.answers[path]
        if path == DISCOVERY:
            return as_json(self._discovery())
        if path == "/keys":
            return as_json({"keys": self.keys})
        if path == "/authorise":
            return self._authorise(dict(parse_qsl(query)))
        if path == "/token":
            return self._token(dict(parse_qsl(body)), authorization)
        return 404, {}, b""

    def _discovery(self) -> dict[str, Any]:
        said = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorise?tenant=street",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": list(KEYS),
        }
        return _changed(said, self.metadata)

    def _authorise(self, asked: dict[str, str]) -> Answer:
        assert asked["response_type"] == "code"
        assert asked["client_id"] == self.client_id
        assert asked["code_challenge_method"] == "S256"
        assert "openid" in asked["scope"].split()
        assert asked["tenant"] == "street"
        code = secrets.token_urlsafe(16)
        self._codes[code] = {**asked, "sub": self.subject}
        back = urlencode({"code": code, "state": asked["state"], "iss": self.issuer})
        return 302, {"Location": f"{asked['redirect_uri']}?{back}"}, b""

    def _token(self, sent: dict[str, str], authorization: str) -> Answer:
        if self._who(sent, authorization) != (self.client_id, self.client_secret):
            return as_json({"error": "invalid_client"}, 401)
        asked = self._codes.pop(sent["code"], None)
        same = {"redirect_uri": sent["redirect_uri"], "code_challenge": _challenge(sent)}
        if asked is None or not same.items() <= asked.items():
            return as_json({"error": "invalid_grant"}, 400)
        self.meanwhile()
        said = {"access_token": "a", "token_type": "Bearer", "id_token": self.id_token(asked["nonce"], asked["sub"])}
        return as_json(_changed(said, self.token))

    def _who(self, sent: dict[str, str], authorization: str) -> tuple[str, str]:
        methods = self.metadata.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        if "client_secret_basic" in methods and self.client_secret:
            words = base64.b64decode(authorization.removeprefix("Basic ")).decode()
            client, _, secret = words.partition(":")
            return unquote_plus(client), unquote_plus(secret)
        assert not authorization
        return sent["client_id"], sent.get("client_secret", "")

    def id_token(self, nonce: str, subject: object = "u-1") -> str:
        """Return a signed id_token that says what it is told to."""
        now = int(time.time())
        said = {"iss": self.issuer, "aud": self.client_id, "sub": subject, "nonce": nonce}
        claims = _changed({**said, "iat": now, "exp": now + 300}, self.claims)
        if self.by_hand is not None:
            message = ".".join(_encoded(json.dumps(part).encode()) for part in (self.header, claims))
            return f"{message}.{_encoded(self.by_hand(message.encode()))}"
        return jws.serialize_compact(
            self.header, json.dumps(claims), self.key, registry=Signing(strict_check_header=False)
        )


def settings_for(provider: Provider, settings: Settings | None = None, **knobs: Any) -> Settings:
    """Return settings with which a service is known to a provider."""
    known = {"oidc_issuer": provider.issuer, "oidc_client_id": provider.client_id}
    changes = {**known, "oidc_client_secret": SecretStr(provider.client_secret), **knobs}
    return (settings or _any_settings()).model_copy(update=changes)


@cache
def _any_settings() -> Settings:
    return Settings()  # reads the coordinate systems, which takes a while


def code_of(address: str) -> tuple[str, str]:
    """Go to an address of the provider, as a browser does; return the state and the code with which it comes back."""
    answer = httpx.get(address, follow_redirects=False, verify=False)  # noqa: S501 - it is on this machine
    assert answer.status_code == 302
    back = dict(parse_qsl(urlsplit(answer.headers["Location"]).query))
    return back["state"], back["code"]


def vouched(provider: Provider, ties: Ties = TIES, **knobs: Any) -> Claimed:
    """Go to the provider and come back, as a browser does; return whom it vouches for."""
    settings = settings_for(provider, **knobs)
    _, code = code_of(way_to_provider(settings, "the state", TIES))
    return claimed(settings, code, ties)


def as_json(said: object, status: int = 200) -> Answer:
    """Return an answer in JSON."""
    return status, {"Content-Type": "application/json"}, json.dumps(said).encode()


def _changed(said: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in {**said, **changes}.items() if value is not None}


def _challenge(sent: dict[str, str]) -> str:
    return _encoded(hashlib.sha256(sent["code_verifier"].encode()).digest())


def _encoded(words: bytes) -> str:
    return base64.urlsafe_b64encode(words).rstrip(b"=").decode()


class _Handler(BaseHTTPRequestHandler):
    provider: Provider

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        place = urlsplit(self.provider.issuer).path.rstrip("/")
        assert parts.path.startswith(place)
        length = int(self.headers.get("Content-Length", 0))
        body = self.rfile.read(length).decode()
        time.sleep(self.provider.delay_s)
        given = self.headers.get("Authorization", "")
        status, headers, answer = self.provider.answer(parts.path.removeprefix(place), parts.query, body, given)
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(answer))}.items():
            self.send_header(name, value)
        self.end_headers()
        if not self.provider.drip_s:
            self.wfile.write(answer)
            return
        with suppress(OSError):  # nobody waits for the rest
            for byte in answer:
                time.sleep(self.provider.drip_s)
                self.wfile.write(bytes([byte]))

    do_POST = do_GET  # noqa: N815 - the name is the library's

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the library's
        pass


@contextmanager
def running() -> Iterator[Provider]:
    """Yield a provider that answers on a free loopback port."""
    handler = type("Handler", (_Handler,), {})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = False  # each is waited for at the end
        handler.provider = Provider(server.server_address[1])
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield handler.provider
        finally:
            server.shutdown()
            thread.join()
