"""The profile by which iPhones and iPads install the authority: their own form, which Safari knows by its type."""

import plistlib
from uuid import NAMESPACE_OID, uuid5

from cryptography import x509

from gisgrid.tls.authority import called, fingerprint
from gisgrid.tls.files import der


def profile(certificate: x509.Certificate) -> bytes:
    """Return the profile of an authority. The same authority has the same identifiers: it is replaced, not doubled."""
    print_ = fingerprint(certificate).replace(":", "").lower()
    common = {"PayloadVersion": 1, "PayloadDisplayName": called(certificate), "PayloadOrganization": "gisgrid"}
    root = {
        **common,
        "PayloadType": "com.apple.security.root",
        "PayloadIdentifier": f"gisgrid.authority.{print_}",
        "PayloadUUID": _uuid(f"{print_} root"),
        "PayloadCertificateFileName": "authority.crt",
        "PayloadContent": der(certificate),
    }
    whole = {
        **common,
        "PayloadType": "Configuration",
        "PayloadIdentifier": f"gisgrid.profile.{print_}",
        "PayloadUUID": _uuid(f"{print_} profile"),
        "PayloadDescription": "让手机信任网格巡查系统的 HTTPS 证书 / lets this device trust the grid patrol service",
        "PayloadContent": [root],
    }
    return plistlib.dumps(whole)


def _uuid(words: str) -> str:
    return str(uuid5(NAMESPACE_OID, words)).upper()
