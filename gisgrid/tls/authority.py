"""The authority and the certificates it signs, as phones want them. Pure: nothing is read or written here.

Apple takes a server certificate of an authority that its user installed for 825 days at most, with the names in the
subject alternative name and serverAuth as extended key usage; Android and browsers ask for less. The authority says in
its own certificate, critically, for which names it may sign: whoever steals its key can pretend to be this service, and
nobody else. It has no extended key usage, which roots do not have.
"""

import re
from datetime import datetime, timedelta
from ipaddress import ip_network
from typing import Final, NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from gisgrid.errors import Refused
from gisgrid.tls.names import Name, written

AUTHORITY_LIFE: Final = timedelta(days=3652)
SERVER_LIFE: Final = timedelta(days=820)
SLACK: Final = timedelta(days=1)
"""Certificates begin so long ago: in a closed network clocks differ."""
CALLED: Final = "网格巡查 Grid patrol"
LONGEST_NAME: Final = 28
"""Characters of a host name that fit beside the rest into the 64 bytes that a common name may have."""
NOWHERE: Final = (x509.IPAddress(ip_network("0.0.0.0/0")), x509.IPAddress(ip_network("::/0")))
NO_HOST: Final = x509.DNSName("")


class NotPermitted(Refused):
    """A name for which the authority may not sign."""


class AuthorityEnds(Refused):
    """The authority is at its end and signs nothing more."""


class Pair(NamedTuple):
    """A certificate and its private key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey


def make_authority(names: tuple[Name, ...], now: datetime) -> Pair:
    """Make an authority that may sign for these names, and for what lies below its host names, alone."""
    key = ec.generate_private_key(ec.SECP256R1())
    called = _called(f"{CALLED} {written(names)[0][:LONGEST_NAME]} {now:%Y-%m-%d}")
    builder = (
        _begun(called, now, AUTHORITY_LIFE, key)
        .issuer_name(called)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(_constraints(names), critical=True)
    )
    return Pair(builder.sign(key, SHA256()), key)


def make_server(authority: Pair, names: tuple[Name, ...], now: datetime) -> Pair:
    """Make a server certificate with a key of its own; it ends with its authority at the latest.

    Raises NotPermitted, AuthorityEnds.
    """
    issuer = authority.certificate
    _require_permitted(issuer, names)
    life = min(SERVER_LIFE, issuer.not_valid_after_utc - now + SLACK)
    if life <= SLACK:
        raise AuthorityEnds(
            "证书机构已到期,不能再签发;请移开 data/tls 文件夹后重新运行 gisgrid tls init,手机须重新安装证书",
            "the authority is at its end and signs nothing more; move the folder data/tls away and run gisgrid tls "
            "init again: phones must then install the new one",
        )
    key = ec.generate_private_key(ec.SECP256R1())
    signer = issuer.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    builder = (
        _begun(_called(CALLED), now, life, key)  # not a host name, which old verifiers would read as one
        .issuer_name(issuer.subject)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(signer), critical=False)
    )
    return Pair(builder.sign(authority.key, SHA256()), key)


def _begun(
    called: x509.Name, now: datetime, life: timedelta, key: ec.EllipticCurvePrivateKey
) -> x509.CertificateBuilder:
    begins = now.replace(microsecond=0) - SLACK
    builder = x509.CertificateBuilder(subject_name=called, public_key=key.public_key())
    builder = builder.serial_number(x509.random_serial_number()).not_valid_before(begins).not_valid_after(begins + life)
    return builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)


def _called(words: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, words)])


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _constraints(names: tuple[Name, ...]) -> x509.NameConstraints:
    """Permit the names. A kind of which none is permitted is shut out as a whole: else all of that kind would be."""
    hosts = [name for name in names if isinstance(name, x509.DNSName)]
    addresses = [x509.IPAddress(ip_network(str(name.value))) for name in names if isinstance(name, x509.IPAddress)]
    shut_out = [*([] if hosts else [NO_HOST]), *([] if addresses else NOWHERE)]
    return x509.NameConstraints([*hosts, *addresses], shut_out or None)


def _require_permitted(issuer: x509.Certificate, names: tuple[Name, ...]) -> None:
    foreign = [name for name in names if not any(_covers(each, name) for each in _subtrees(issuer))]
    if foreign:
        zh, en, own = "、".join(written(foreign)), ", ".join(written(foreign)), ", ".join(permitted(issuer))
        raise NotPermitted(
            f"本地证书机构不能为 {zh} 签发,只能为 {own} 及其下级域名;要换名称,请移开 data/tls 文件夹后重新运行 "
            "gisgrid tls init,手机须重新安装证书",
            f"the local authority may not sign for {en}, only for {own} and what lies below; for other names move the "
            "folder data/tls away and run gisgrid tls init again: phones must then install the new authority",
        )


def _subtrees(issuer: x509.Certificate) -> list[x509.GeneralName]:
    return issuer.extensions.get_extension_for_class(x509.NameConstraints).value.permitted_subtrees or []


def _covers(subtree: x509.GeneralName, name: Name) -> bool:
    if isinstance(subtree, x509.DNSName):
        return isinstance(name, x509.DNSName) and f".{name.value}".endswith(f".{subtree.value}")
    return isinstance(name, x509.IPAddress) and name.value in subtree.value


def permitted(issuer: x509.Certificate) -> tuple[str, ...]:
    """Return the host names and addresses for which an authority may sign; what lies below the former is included."""
    return tuple(re.sub(r"/\d+$", "", str(each.value)) for each in _subtrees(issuer))


def names_of(certificate: x509.Certificate) -> tuple[Name, ...]:
    """Return the host names and addresses that a certificate is for; none where it says none."""
    try:
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return ()
    return tuple(name for name in found if isinstance(name, x509.DNSName | x509.IPAddress))


def called(certificate: x509.Certificate) -> str:
    """Return the name under which a phone lists a certificate."""
    found = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(found[0].value) if found else ""


def fingerprint(certificate: x509.Certificate) -> str:
    """Return the SHA-256 of a certificate as phones show it: 32 pairs of digits."""
    return certificate.fingerprint(SHA256()).hex(":").upper()


def thumbprint(certificate: x509.Certificate) -> str:
    """Return the SHA-1 of a certificate, which is what Windows shows."""
    return certificate.fingerprint(SHA1()).hex(":").upper()  # noqa: S303 - to be compared by eye, nothing rests on it
