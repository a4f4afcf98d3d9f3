"""What phones and OpenSSL ask of a certificate, and what the authority cannot do, whoever has its key."""

import ssl
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID
from hypothesis import given, settings
from hypothesis import strategies as st

from gisgrid.tls.authority import (
    AuthorityEnds,
    NotPermitted,
    Pair,
    called,
    fingerprint,
    make_server,
    names_of,
    permitted,
    thumbprint,
)
from gisgrid.tls.names import read_names, written
from tests.doses import dose
from tests.tls.handshakes import ADDRESS, HOST, NOW, authority, server, shake_hands

APPLE_DAYS = 825
DAY = timedelta(days=1)


def extension(certificate: x509.Certificate, kind: type[x509.ExtensionType]) -> x509.Extension[x509.ExtensionType]:
    return certificate.extensions.get_extension_for_class(kind)


def test_a_server_certificate_is_as_phones_want_it() -> None:
    made = server(authority()).certificate
    assert made.not_valid_after_utc - made.not_valid_before_utc <= APPLE_DAYS * DAY
    assert made.not_valid_before_utc <= NOW - DAY + timedelta(seconds=1)
    assert list(extension(made, x509.ExtendedKeyUsage).value) == [ExtendedKeyUsageOID.SERVER_AUTH]  # type: ignore[call-overload]
    assert written(names_of(made)) == (HOST, ADDRESS)
    assert made.signature_hash_algorithm is not None
    assert made.signature_hash_algorithm.name == "sha256"
    assert not extension(made, x509.BasicConstraints).value.ca  # type: ignore[attr-defined]


def test_an_authority_signs_servers_alone_and_is_found_by_its_name() -> None:
    made = authority().certificate
    assert called(made) == f"网格巡查 Grid patrol {HOST} {NOW:%Y-%m-%d}"
    basic = extension(made, x509.BasicConstraints)
    assert (basic.critical, basic.value.ca, basic.value.path_length) == (True, True, 0)  # type: ignore[attr-defined]
    assert extension(made, x509.NameConstraints).critical
    usage = extension(made, x509.KeyUsage)
    assert (usage.critical, usage.value.key_cert_sign) == (True, True)  # type: ignore[attr-defined]
    assert len(fingerprint(made)) == 32 * 3 - 1
    assert len(thumbprint(made)) == 20 * 3 - 1
    long = called(authority(f"{'a' * 60}.example").certificate)
    assert (len(long.encode()), long.endswith(f"aaa {NOW:%Y-%m-%d}")) == (64, True)


@pytest.mark.parametrize(
    ("names", "name"),
    [
        ((HOST, ADDRESS), HOST),
        ((HOST, ADDRESS), ADDRESS),
        ((ADDRESS, "fd00::1"), "fd00::1"),
        ((ADDRESS,), ADDRESS),
        (("server",), "server"),
    ],
)
def test_openssl_trusts_it_under_each_of_its_names(names: tuple[str, ...], name: str) -> None:
    signer = authority(*names)
    shake_hands(signer.certificate, server(signer, *names), name)


HOSTS = st.from_regex(r"[a-z]([a-z0-9-]{0,8}[a-z0-9])?(\.[a-z]{1,6}){0,3}", fullmatch=True)
ADDRESSES = st.ip_addresses().filter(lambda ip: not (ip.is_unspecified or ip.is_multicast)).map(str)


@settings(max_examples=dose(15))
@given(st.lists(HOSTS | ADDRESSES, min_size=1, max_size=5))
def test_whatever_the_names_each_is_trusted(names: list[str]) -> None:
    signer = authority(*names)
    pair = server(signer, *names)
    for name in written(read_names(names)):
        shake_hands(signer.certificate, pair, name)


def test_another_name_and_another_authority_are_refused() -> None:
    signer = authority()
    with pytest.raises(ssl.SSLCertVerificationError, match="Hostname mismatch"):
        shake_hands(signer.certificate, server(signer), "other.example")
    with pytest.raises(ssl.SSLCertVerificationError, match=r"unable to get local issuer|signature failure"):
        shake_hands(authority().certificate, server(signer), HOST)


# --- the authority's limits ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("names", "asked", "is_permitted"),
    [
        ((HOST,), HOST, True),
        ((HOST,), f"new.{HOST}", True),
        ((HOST,), f"x{HOST}", False),
        ((HOST,), "kuichong.example", False),
        ((HOST,), "bank.example", False),
        ((HOST,), ADDRESS, False),
        ((HOST,), "fd00::1", False),
        ((ADDRESS,), "192.168.1.11", False),
        ((ADDRESS,), "fd00::1", False),
        ((ADDRESS,), "bank.example", False),
        (("fd00::1",), "fd00::2", False),
        (("fd00::1",), ADDRESS, False),
        ((HOST, ADDRESS), "192.168.1.1", False),
        ((HOST, ADDRESS), "bank.example", False),
    ],
)
def test_what_is_signed_for_another_name_is_refused_by_us_and_by_openssl(
    names: tuple[str, ...], asked: str, is_permitted: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    signer = authority(*names)
    if is_permitted:
        shake_hands(signer.certificate, server(signer, asked), asked)
        return
    with pytest.raises(NotPermitted, match="gisgrid tls init") as refused:
        server(signer, asked)
    assert all(name in refused.value.zh for name in (*names, asked))
    forged = stolen(signer, asked, monkeypatch)
    with pytest.raises(ssl.SSLCertVerificationError, match="subtree violation"):
        shake_hands(signer.certificate, forged, asked)


def stolen(signer: Pair, name: str, monkeypatch: pytest.MonkeyPatch) -> Pair:
    """Return what a thief of the authority's key signs, who is not asked for which names."""
    with monkeypatch.context() as patch:
        patch.setattr("gisgrid.tls.authority._require_permitted", lambda *_: None)
        return make_server(signer, read_names([name]), NOW)


def test_it_is_known_for_which_names_an_authority_may_sign() -> None:
    assert permitted(authority(HOST, ADDRESS, "fd00::1").certificate) == (HOST, ADDRESS, "fd00::1")


# --- ends ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("years_later", "days"), [(0, 819), (9, 363), (10, 0)])
def test_a_certificate_ends_with_its_authority_at_the_latest(years_later: int, days: int) -> None:
    signer = authority()
    later = NOW + timedelta(days=years_later * 365) if years_later < 10 else signer.certificate.not_valid_after_utc
    if days == 0:
        with pytest.raises(AuthorityEnds, match="gisgrid tls init"):
            server(signer, now=later)
        return
    made = server(signer, now=later).certificate
    assert made.not_valid_after_utc <= signer.certificate.not_valid_after_utc
    assert abs((made.not_valid_after_utc - later).days - days) <= 3


def test_openssl_refuses_what_has_ended() -> None:
    long_ago = NOW - timedelta(days=900)
    signer = authority(now=long_ago)
    with pytest.raises(ssl.SSLCertVerificationError, match="expired"):
        shake_hands(signer.certificate, server(signer, now=long_ago), HOST)
    shake_hands(signer.certificate, server(signer), HOST)
