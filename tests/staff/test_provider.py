import time
from collections.abc import Callable
from threading import BoundedSemaphore
from typing import Any

import httpx
import pytest
from joserfc.jwk import ECKey
from pydantic import SecretStr

from gisgrid.errors import status_of
from gisgrid.settings import Settings
from gisgrid.staff import provider as ours
from gisgrid.staff.provider import OidcOff, OidcRefused, OidcUnavailable, Ties, claimed, way_to_provider
from tests.staff.provider import DISCOVERY, RSA, TIES, Provider, as_json, running, settings_for, vouched

NEW = ECKey.generate_key("P-256", {"kid": "new"})


def test_what_is_published_is_kept_and_a_new_key_looked_up_at_once(provider: Provider) -> None:
    vouched(provider)
    vouched(provider)
    once = [DISCOVERY, "/authorise", "/token", "/keys", "/authorise", "/token"]
    assert provider.asked == once
    provider.sign_as("ES256", NEW)
    assert vouched(provider).subject == f"{provider.issuer} u-1"
    assert provider.asked == [*once, "/authorise", "/token", "/keys"]
    provider.sign_as("RS256")  # and the one withdrawn is no longer good
    provider.keys = [NEW.as_dict(private=False)]
    with pytest.raises(OidcRefused):
        vouched(provider)


def test_what_is_kept_is_asked_anew_after_a_while(provider: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    vouched(provider)
    monkeypatch.setattr(ours, "KEPT_S", ours.KEPT_S / 1e6)
    vouched(provider)
    assert provider.asked.count("/keys") == 2


@pytest.mark.parametrize(
    ("methods", "secret"),
    [
        (None, "a secret: with + and %"),
        (["client_secret_basic", "client_secret_post"], "密"),
        (["client_secret_post"], "a secret: with + and %"),
        (["none"], ""),
    ],
)
def test_the_service_is_known_to_the_provider_in_the_way_it_asks_for(
    provider: Provider, methods: list[str] | None, secret: str
) -> None:
    provider.client_secret = secret
    provider.metadata["token_endpoint_auth_methods_supported"] = methods
    assert vouched(provider).name == "zhang"
    with pytest.raises(OidcRefused) as refusal:
        vouched(provider, oidc_client_secret=SecretStr("another"))
    assert refusal.value.why == "invalid_client"


def test_a_code_is_good_for_the_browser_that_asked_alone(provider: Provider) -> None:
    with pytest.raises(OidcRefused) as refusal:
        vouched(provider, Ties.of("another browser's"))
    assert refusal.value.why == "invalid_grant"


@pytest.mark.parametrize(
    ("claims", "claim", "name"),
    [
        ({}, "preferred_username", "zhang"),
        ({"upn": "li"}, "upn", "li"),
        ({}, "upn", None),
        ({"upn": 7}, "upn", None),
        ({"upn": "a\0b"}, "upn", None),
        ({"upn": "a" * 256}, "upn", None),
        ({"email": "li@street.example", "email_verified": True}, "email", "li@street.example"),
        ({"email": "li@street.example", "email_verified": "true"}, "email", None),
        ({"email": "li@street.example"}, "email", None),
    ],
)
def test_the_name_is_a_claim_of_the_settings(
    provider: Provider, claims: dict[str, Any], claim: str, name: str | None
) -> None:
    provider.claims |= claims
    assert vouched(provider, oidc_name_claim=claim).name == name


def answers(path: str, *answer: Any) -> Callable[[Provider], None]:
    return lambda provider: provider.answers.update({path: answer})


def publishes(**metadata: Any) -> Callable[[Provider], None]:
    return lambda provider: provider.metadata.update(metadata)


@pytest.mark.parametrize(
    "spoil",
    [
        publishes(issuer="https://another.example"),
        publishes(issuer=None),
        publishes(token_endpoint=None),
        publishes(jwks_uri=["https://provider.example"]),
        publishes(jwks_uri="http://provider.example/keys"),
        publishes(authorization_endpoint="javascript:alert(1)"),
        publishes(token_endpoint="https://[::1"),
        answers(DISCOVERY, 404, {}, b"{}"),
        answers(DISCOVERY, 200, {}, b"<html>"),
        answers(DISCOVERY, 200, {}, b"[]"),
        answers(DISCOVERY, 200, {}, b"[" * 100_000),
        publishes(all_is_well_but_long="!" * ours.MAX_BYTES),
        answers("/keys", 200, {}, b'{"keys": []}'),
        answers("/keys", 200, {}, b'{"keys": {"kty": "RSA"}}'),
        answers("/keys", 200, {}, b'{"keys": [7, null, {"kty": "oct", "k": "AA"}]}'),
        answers("/keys", *as_json({"keys": [RSA.as_dict(private=False)]}, 500)),
        answers("/token", *as_json({}, 200)),
        answers("/token", *as_json({"id_token": 7}, 200)),
        answers("/token", *as_json({"error": "server_error"}, 503)),
        answers("/token", 400, {}, b"no JSON"),
    ],
)
def test_a_provider_that_is_none_is_told_as_such(provider: Provider, spoil: Callable[[Provider], None]) -> None:
    spoil(provider)
    with pytest.raises(OidcUnavailable, match="统一身份认证暂时无法使用") as failure:
        vouched(provider)
    assert status_of(failure.value) == 503


@pytest.mark.parametrize("path", [DISCOVERY, "/keys", "/token"])
@pytest.mark.parametrize("status", [301, 307, 308])
def test_no_redirect_is_followed(provider: Provider, path: str, status: int) -> None:
    with running() as elsewhere:
        provider.answers[path] = (status, {"Location": f"{elsewhere.issuer}{path}"}, b"{}")
        with pytest.raises(OidcUnavailable):
            vouched(provider)
        assert elsewhere.asked == []


def test_a_slow_provider_is_not_waited_for(provider: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ours, "PATIENCE_S", 0.2)
    provider.delay_s = 1
    begun = time.monotonic()
    with pytest.raises(OidcUnavailable):
        way_to_provider(settings_for(provider), "the state", TIES)
    assert time.monotonic() - begun < 0.9


def test_an_answer_without_end_is_not_waited_for(provider: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ours, "PATIENCE_S", 0.3)
    provider.drip_s = 0.1  # each byte comes in time, the whole does not
    with pytest.raises(OidcUnavailable):
        way_to_provider(settings_for(provider), "the state", TIES)


def test_no_more_than_a_few_wait_for_the_provider_at_a_time(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ours, "_room", BoundedSemaphore(1))
    told = []

    def ask_as_well() -> None:
        with running() as another, pytest.raises(OidcUnavailable) as failure:
            way_to_provider(settings_for(another), "the state", TIES)
        told.append(failure.value.code)

    provider.meanwhile = ask_as_well
    assert [vouched(provider).name, vouched(provider).name, *told] == ["zhang"] * 2 + ["OidcUnavailable"] * 2


def test_a_provider_that_is_gone_is_told_and_asked_again_the_next_time(provider: Provider) -> None:
    settings = settings_for(provider)
    provider.answers[DISCOVERY] = (503, {}, b"")
    with pytest.raises(OidcUnavailable):
        way_to_provider(settings, "the state", TIES)
    del provider.answers[DISCOVERY]
    assert way_to_provider(settings, "the state", TIES).startswith(provider.issuer)
    with running() as gone:
        pass
    with pytest.raises(OidcUnavailable):
        way_to_provider(settings_for(gone), "the state", TIES)


def test_nobody_is_asked_where_no_provider_is_set_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(httpx, "stream", None)
    for act in (way_to_provider, claimed):
        with pytest.raises(OidcOff):
            act(Settings(), "state or code", TIES)


def test_neither_nonce_nor_verifier_gives_the_secret_away() -> None:
    assert Ties.of("one") == Ties.of("one")
    assert len({*Ties.of("one"), *Ties.of("two"), "one", "two"}) == 6
    assert all(43 <= len(word) <= 128 for word in Ties.of("one"))  # the bounds of RFC 7636
