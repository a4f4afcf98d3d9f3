"""An office's own OpenID Connect provider: where it sends people to, and whom it vouches for when they come back.

Nobody is asked but the issuer that the settings name and the addresses that its own discovery document names; redirects
are not followed, and no answer is waited for long.
"""

import hmac
import json
import re
import time
from base64 import urlsafe_b64encode
from functools import cache, lru_cache
from ssl import SSLContext
from threading import BoundedSemaphore
from typing import Any, Final, NamedTuple, Self
from urllib.parse import quote_plus

import httpx
import structlog
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.discovery import get_well_known_url
from joserfc.errors import InvalidKeyIdError
from joserfc.jwk import KeySet

from gisgrid.checks import is_private_address
from gisgrid.errors import NotFound, Unavailable, Unproven
from gisgrid.settings import Settings
from gisgrid.staff.id_token import UNREADABLE, claims_of, keys_of, text

BACK: Final = "/sign-in/oidc/back"
"""Where the provider sends people back to; an office registers it there, after its `public_url`."""
CODE: Final = re.compile("[ -~]{1,4096}")
PATIENCE_S: Final = 5
MAX_BYTES: Final = 1_000_000
KEPT_S: Final = 600
"""How long what the provider publishes is kept; a key that is new in between is looked up at once."""
ERRORS: Final = ("invalid_client", "invalid_grant", "invalid_request", "unauthorized_client")
"""What a provider says of our question; told in the log, for whoever sets it up."""

log = structlog.get_logger()
_room: Final = BoundedSemaphore(8)
"""Each waits in a thread of the service: a provider that hangs must not have all of them."""


class OidcOff(NotFound):
    """No provider is set up."""


class OidcUnavailable(Unavailable):
    """The provider does not answer, or not as a provider does."""


class OidcRefused(Unproven):
    """Whoever came back from the provider is not let in. `why` and `person_id` are for the audit, not for them."""

    why: str = ""
    person_id: int | None = None


class Ties(NamedTuple):
    """What ties an answer to a browser's own question: the nonce in the id_token, the verifier of PKCE."""

    nonce: str
    verifier: str

    @classmethod
    def of(cls, secret: str) -> Self:
        """Derive both from one secret, which neither gives away."""
        return cls(_derived(secret, "nonce"), _derived(secret, "verifier"))


class Claimed(NamedTuple):
    """Whom the provider vouches for: issuer and `sub`, and the sign-in name, if it gives one."""

    subject: str
    name: str | None


class _Published(NamedTuple):
    places: dict[str, str]
    methods: list[str]


def _derived(secret: str, use: str) -> str:
    digest = hmac.digest(secret.encode("utf-8", "surrogatepass"), use.encode(), "sha256")
    return urlsafe_b64encode(digest).rstrip(b"=").decode()


def refused(why: str) -> OidcRefused:
    """Say that a way to the provider and back did not hold; begun anew it may."""
    log.warning("oidc", refused=why)
    error = OidcRefused(
        "统一身份认证未能确认您的身份,请重新登录,或联系管理员",
        "the identity provider did not confirm who you are: sign in again, or ask the administrator",
    )
    error.why = why
    return error


def _unavailable(why: str) -> OidcUnavailable:
    log.warning("oidc", unavailable=why)
    return OidcUnavailable(
        "统一身份认证暂时无法使用,请稍后再试,或用口令登录",
        "the identity provider cannot be used just now: try again shortly, or sign in with a password",
    )


# --- to the provider and back ----------------------------------------------------------------------


def require_provider(settings: Settings) -> None:
    """Check that a provider is set up and answers. Raises OidcOff, OidcUnavailable."""
    _published(settings)


def way_to_provider(settings: Settings, state: str, ties: Ties) -> str:
    """Return the address at which a person signs in. Raises OidcOff, OidcUnavailable."""
    address: str = prepare_grant_uri(
        _published(settings).places["authorization_endpoint"],
        settings.oidc_client_id,
        "code",
        redirect_uri=settings.origin + BACK,
        scope="openid email" if settings.oidc_name_claim == "email" else "openid profile",
        state=state,
        nonce=ties.nonce,
        code_challenge=create_s256_code_challenge(ties.verifier),
        code_challenge_method="S256",
    )
    return address


def claimed(settings: Settings, code: str, ties: Ties) -> Claimed:
    """Return whom the provider vouches for. Raises OidcOff, OidcUnavailable, OidcRefused."""
    published = _published(settings)
    if not CODE.fullmatch(code):
        raise refused("code")
    claims = _claims(settings, published, _exchange(settings, published, code, ties), ties)
    subject, name = text(claims["sub"]), text(claims.get(settings.oidc_name_claim))
    if subject is None:
        raise refused("sub")
    if settings.oidc_name_claim == "email" and claims.get("email_verified") is not True:
        name = None  # anybody may have written another's address there
    return Claimed(f"{settings.oidc_issuer} {subject}", name)


def _exchange(settings: Settings, published: _Published, code: str, ties: Ties) -> str:
    """Return the id_token for a code."""
    client, secret = settings.oidc_client_id, settings.oidc_client_secret.get_secret_value()
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": settings.origin + BACK}
    form["code_verifier"] = ties.verifier
    where = published.places["token_endpoint"]
    if secret and "client_secret_basic" in published.methods:
        status, said = _ask("POST", where, data=form, auth=(quote_plus(client), quote_plus(secret)))
    else:
        known = {"client_id": client, "client_secret": secret} if secret else {"client_id": client}
        status, said = _ask("POST", where, data=form | known)
    if status in (400, 401):
        error = said.get("error")
        raise refused(str(error) if error in ERRORS else "token endpoint")
    if status != 200 or not isinstance(said.get("id_token"), str):
        raise _unavailable(f"token endpoint {status}")
    return str(said["id_token"])


def _claims(settings: Settings, published: _Published, id_token: str, ties: Ties) -> dict[str, Any]:
    expected = {"issuer": settings.oidc_issuer, "client_id": settings.oidc_client_id, "nonce": ties.nonce}
    where = published.places["jwks_uri"]
    try:
        try:
            return claims_of(id_token, _keys(where, _period()), **expected)
        except InvalidKeyIdError:
            _keys.cache_clear()
            return claims_of(id_token, _keys(where, _period()), **expected)
    except UNREADABLE as error:
        raise refused(type(error).__name__) from error


# --- what the provider publishes -------------------------------------------------------------------


def _period() -> int:
    return int(time.monotonic() // KEPT_S)


def _published(settings: Settings) -> _Published:
    if not settings.oidc_issuer:
        raise OidcOff("没有配置统一身份认证,请用口令登录", "no identity provider is set up: sign in with a password")
    return _discovered(settings.oidc_issuer, _period())


@lru_cache(maxsize=4)
def _discovered(issuer: str, _: int) -> _Published:
    status, said = _ask("GET", get_well_known_url(issuer, external=True))
    places = {name: str(said.get(name, "")) for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")}
    if status != 200 or said.get("issuer") != issuer or not all(map(is_private_address, places.values())):
        raise _unavailable(f"discovery {status}")
    methods = said.get("token_endpoint_auth_methods_supported")
    return _Published(places, methods if isinstance(methods, list) else ["client_secret_basic"])


@lru_cache(maxsize=4)
def _keys(address: str, _: int) -> KeySet:
    status, said = _ask("GET", address)
    keys = keys_of(said.get("keys"))
    if status != 200 or not keys:
        raise _unavailable(f"keys {status}")
    return KeySet(keys)


@cache
def _authorities() -> SSLContext:
    """Return whose certificates are good: the usual ones, or those of SSL_CERT_FILE. Reading them takes a while."""
    return httpx.create_ssl_context()


def _ask(method: str, address: str, **sent: Any) -> tuple[int, dict[str, Any]]:
    """Return status and JSON object of an answer that comes soon and whole. Raises OidcUnavailable."""
    if not _room.acquire(blocking=False):
        raise _unavailable("too many at a time")
    try:
        return _answer(method, address, **sent)
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, RecursionError) as error:
        raise _unavailable(type(error).__name__) from error
    finally:
        _room.release()


def _answer(method: str, address: str, **sent: Any) -> tuple[int, dict[str, Any]]:
    begun, body = time.monotonic(), bytearray()
    headers = {"Accept": "application/json", "Accept-Encoding": "identity"}
    how: dict[str, Any] = {"timeout": PATIENCE_S, "verify": _authorities(), "follow_redirects": False}
    with httpx.stream(method, address, headers=headers, **how, **sent) as answer:
        for part in answer.iter_bytes():
            body += part
            if len(body) > MAX_BYTES or time.monotonic() - begun > PATIENCE_S:
                raise _unavailable("too long")
    said = json.loads(body)
    if not isinstance(said, dict):
        raise _unavailable("no object")
    return answer.status_code, said
