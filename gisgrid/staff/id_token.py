"""An id_token: whether a provider signed it, for us, now, and in answer to our own question. Asks nobody."""

from typing import Any, Final

from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError, UnsupportedAlgorithmError
from joserfc.jwk import Key, KeySet, import_key
from joserfc.jws import JWSRegistry

SIZED: Final = [f"{family}{size}" for family in ("RS", "PS", "ES") for size in (256, 384, 512)]
SIGNATURES: Final = frozenset([*SIZED, "EdDSA", "Ed25519"])
"""By pairs of keys alone: none that somebody makes who knows no more than we do."""
PAIRS: Final = ("RSA", "EC", "OKP")
LEEWAY_S: Final = 60
"""How far the provider's clock may be from ours."""
MAX_TEXT: Final = 255
"""The longest `sub` there is."""
UNREADABLE: Final = (JoseError, ValueError, TypeError, RecursionError)
"""What the libraries raise over bytes that are not as they must be."""


class _Signatures(JWSRegistry):
    """The signatures we take. joserfc warns of `EdDSA`, which has a new name; providers still say the old one."""

    def get_alg(self, name: str) -> Any:
        """Return an algorithm of ours. Raises UnsupportedAlgorithmError."""
        if name not in SIGNATURES:
            raise UnsupportedAlgorithmError
        return self.algorithms[name]


def claims_of(id_token: str, keys: KeySet, *, issuer: str, client_id: str, nonce: str) -> dict[str, Any]:
    """Return what a good id_token says. Raises one of UNREADABLE: InvalidKeyIdError for a key that is not there."""
    token = jwt.decode(id_token, keys, registry=_Signatures(strict_check_header=False))
    options: dict[str, dict[str, Any]] = {
        "iss": {"essential": True, "value": issuer},
        "aud": {"essential": True, "value": client_id},
        "sub": {"essential": True},
    }
    # the access token is not used, so that its hash need not be looked at
    claims = CodeIDToken(token.claims, token.header, options, {"nonce": nonce, "client_id": client_id})
    claims.validate(leeway=LEEWAY_S)
    return dict(claims)


def keys_of(listed: object) -> list[Key]:
    """Return the keys of a JSON web key set that sign; beside one of another use or kind the others stay good."""
    read = [_key(each) for each in listed] if isinstance(listed, list) else []
    return [key for key in read if key is not None]


def _key(listed: Any) -> Key | None:
    try:
        is_ours = listed["kty"] in PAIRS and listed.get("use", "sig") == "sig"
        return import_key(listed) if is_ours else None
    except (*UNREADABLE, KeyError, AttributeError):
        return None


def text(value: object) -> str | None:
    """Return a claim that is a line of text, such as both databases can hold and look up."""
    return value if isinstance(value, str) and 0 < len(value) <= MAX_TEXT and value.isprintable() else None
