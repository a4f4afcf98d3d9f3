import base64
import hmac
import time
from collections.abc import Callable
from typing import Any

import pytest
from joserfc import jws
from joserfc.jwk import RSAKey

from gisgrid.errors import status_of
from gisgrid.staff.provider import Claimed, OidcRefused
from tests.staff.provider import KEYS, RSA, TIES, Provider, vouched

OTHER = RSAKey.generate_key(2048, {"kid": "rsa"})


def says(**claims: Any) -> Callable[[Provider], None]:
    return lambda provider: provider.claims.update(claims)


def signs(key: Any = RSA, **header: Any) -> Callable[[Provider], None]:
    def spoil(provider: Provider) -> None:
        provider.key = key
        provider.header |= header

    return spoil


def by_hand(algorithm: str, sign: Callable[[bytes], bytes], **header: Any) -> Callable[[Provider], None]:
    return lambda provider: provider.sign_by_hand(algorithm, sign, **header)


def hands(**token: Any) -> Callable[[Provider], None]:
    return lambda provider: provider.token.update(token)


NOW = int(time.time())
PUBLIC = RSA.as_pem(private=False)
SECRET = b"a secret: with + and %"


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (says(nonce="another"), "InvalidClaimError"),
        (says(nonce=None), "MissingClaimError"),
        (says(nonce=["another"]), "InvalidClaimError"),
        (says(aud="another"), "InvalidClaimError"),
        (says(aud=None), "MissingClaimError"),
        (says(aud=[]), "InvalidClaimError"),
        (says(aud={"gisgrid": 1}), "InvalidClaimError"),
        (says(aud=["another"]), "InvalidClaimError"),
        (says(aud=["gisgrid", "another"]), "MissingClaimError"),
        (says(aud=["gisgrid", "another"], azp="another"), "InvalidClaimError"),
        (says(azp="another"), "InvalidClaimError"),
        (says(iss="https://another.example"), "InvalidClaimError"),
        (says(iss=None), "MissingClaimError"),
        (says(exp=NOW - 120), "ExpiredTokenError"),
        (says(exp=None), "MissingClaimError"),
        (says(exp="tomorrow"), "InvalidClaimError"),
        (says(exp=float("nan")), "InvalidClaimError"),
        (says(exp=float("inf")), "InvalidClaimError"),
        (says(iat=NOW + 6000), "InvalidClaimError"),
        (says(iat=None), "MissingClaimError"),
        (says(nbf=NOW + 6000), "InvalidClaimError"),
        (says(sub=None), "MissingClaimError"),
        (says(sub=""), "InvalidClaimError"),
        (says(sub=7), "InvalidClaimError"),
        (says(sub="\0"), "sub"),
        (says(sub="\ud800"), "sub"),
        (says(sub="a" * 256), "sub"),
        (by_hand("none", lambda _: b""), "UnsupportedAlgorithmError"),
        (by_hand("HS256", lambda message: hmac.digest(PUBLIC, message, "sha256")), "UnsupportedAlgorithmError"),
        (by_hand("HS256", lambda message: hmac.digest(SECRET, message, "sha256")), "UnsupportedAlgorithmError"),
        (by_hand("RS256", lambda _: b""), "BadSignatureError"),
        (signs(KEYS["ES256"], alg="ES256"), "InvalidKeyTypeError"),
        (signs(OTHER), "BadSignatureError"),
        (signs(OTHER, kid="nobody's"), "InvalidKeyIdError"),
        (by_hand("RS256", lambda _: b"", crit=["exp"], exp=NOW), "UnsupportedHeaderError"),
        (hands(id_token="a.b.c"), "DecodeError"),
        (hands(id_token="nothing"), "DecodeError"),
        (hands(id_token=""), "DecodeError"),
    ],
)
def test_an_id_token_that_does_not_hold_is_refused(
    provider: Provider, spoil: Callable[[Provider], None], why: str
) -> None:
    spoil(provider)
    with pytest.raises(OidcRefused, match="统一身份认证未能确认") as refusal:
        vouched(provider)
    assert (refusal.value.why, status_of(refusal.value)) == (why, 401)


def test_a_token_with_other_claims_under_a_good_signature_is_refused(provider: Provider) -> None:
    head, _, signature = provider.id_token(TIES.nonce).split(".")
    _, other, _ = provider.id_token(TIES.nonce + "!").split(".")
    provider.token["id_token"] = f"{head}.{other}.{signature}"
    with pytest.raises(OidcRefused) as refusal:
        vouched(provider)
    assert refusal.value.why == "BadSignatureError"


def test_a_token_nested_without_end_is_refused(provider: Provider) -> None:
    provider.claims["deep"] = 0
    body = base64.urlsafe_b64encode(b"[" * 90_000).rstrip(b"=").decode()
    signed = jws.serialize_compact(provider.header, b"[" * 90_000, RSA)
    assert body in signed
    provider.token["id_token"] = signed
    with pytest.raises(OidcRefused):
        vouched(provider)


@pytest.mark.parametrize("algorithm", KEYS)
def test_each_kind_of_signature_is_taken(provider: Provider, algorithm: str) -> None:
    provider.sign_as(algorithm)
    assert vouched(provider) == Claimed(f"{provider.issuer} u-1", "zhang")


@pytest.mark.parametrize(
    "spoil",
    [
        says(aud=["gisgrid"]),
        says(aud=["gisgrid", "another"], azp="gisgrid"),
        lambda provider: provider.claims.update(exp=time.time() - 30, iat=time.time() + 30, nbf=time.time() + 30),
        signs(typ="JWT", x5t="abc", vendor="its own"),
        hands(access_token=None, refresh_token="r"),
        lambda provider: provider.keys.extend(
            [{"kty": "LWE"}, {"kty": "RSA"}, {"kty": "oct", "k": "AA", "kid": "rsa"}]
        ),
        lambda provider: provider.keys.insert(0, {**OTHER.as_dict(private=False), "use": "enc"}),
        lambda provider: provider.keys.insert(0, {"kty": "EC", "crv": "P-0", "x": 1, "kid": "rsa"}),
        lambda provider: (provider.header.pop("kid"), provider.keys[0].pop("kid")),
        lambda provider: (provider.header.pop("kid"), provider.keys.append({**provider.keys[0], "use": "enc"})),
    ],
)
def test_what_providers_may_do_is_taken(provider: Provider, spoil: Callable[[Provider], None]) -> None:
    spoil(provider)
    assert vouched(provider) == Claimed(f"{provider.issuer} u-1", "zhang")
