from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from gisgrid.settings import Settings
from gisgrid.tls.files import SERVER, BadCertificate, _write_server, make
from gisgrid.tls.names import read_names
from gisgrid.tls.served import Served, install_url, served, warning
from tests.tls.handshakes import ADDRESS, HOST, NOW, authority, server

NAMED = f"https://{HOST}:8000"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """An installation with an authority."""
    make(tmp_path / "data" / "tls", read_names([HOST, ADDRESS]), NOW)
    return tmp_path


@pytest.mark.parametrize(
    ("given", "is_used"),
    [
        ({}, False),
        ({"public_url": NAMED}, True),
        ({"public_url": f"http://{HOST}"}, False),
        ({"public_url": NAMED, "trusted_proxies": "10.0.0.2"}, False),
        ({"public_url": NAMED, "tls_cert": "other.pem"}, False),
    ],
)
def test_it_is_used_where_https_is_promised_and_nothing_else_keeps_that(
    home: Path, given: dict[str, Any], is_used: bool
) -> None:
    settings = Settings(home=home, **given)
    assert (settings.tls_cert == home / "data" / "tls" / SERVER) == is_used
    assert Settings(home=home / "elsewhere", **given).tls_cert == (Path("other.pem") if "tls_cert" in given else None)


def test_what_is_served_is_known_and_whether_phones_must_be_told_to_trust_it(home: Path, tmp_path: Path) -> None:
    local = served(Settings(home=home, public_url=NAMED))
    assert local is not None
    assert (local.names, local.is_local, local.days_left(NOW)) == ((HOST, ADDRESS), True, 818)
    assert served(Settings(home=home, public_url=NAMED, trusted_proxies="10.0.0.2")) == local  # a proxy may have it
    assert served(Settings(home=tmp_path / "elsewhere", public_url=NAMED)) is None
    _write_server(tmp_path / "other.pem", server(authority("other.example"), "other.example"))
    other = served(Settings(home=home, public_url=NAMED, tls_cert=tmp_path / "other.pem"))
    assert other is not None
    assert (other.names, other.is_local) == (("other.example",), False)


def test_a_certificate_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(BadCertificate, match=r"nowhere\.pem"):
        served(Settings(home=tmp_path, tls_cert=Path("nowhere.pem")))


@pytest.mark.parametrize(
    ("left", "zh", "en"),
    [
        (timedelta(days=820), None, None),
        (timedelta(days=30), None, None),
        (timedelta(days=30) - timedelta(seconds=1), "还有 29 天到期", "ends in 29 days"),
        (timedelta(hours=1), "还有 0 天到期", "ends in 0 days"),
        (timedelta(0), "已于", "ended on"),
        (timedelta(days=-400), "已于", "ended on"),
    ],
)
def test_its_end_is_told_thirty_days_before(left: timedelta, zh: str | None, en: str | None) -> None:
    told = warning(Served((HOST,), NOW + left, is_local=True), NOW)
    if zh is None or en is None:
        assert told is None
        return
    assert told is not None
    assert all(words in text for words, text in zip((zh, en), told, strict=True))
    assert all("gisgrid tls renew" in text and f"{NOW + left:%Y-%m-%d}" in text for text in told)
    others = warning(Served((HOST,), NOW + left, is_local=False), NOW)
    assert others is not None
    assert not any("gisgrid tls renew" in text for text in others)


@pytest.mark.parametrize(
    ("given", "address"),
    [
        ({}, f"https://{HOST}:8000/install"),
        ({"port": 443}, f"https://{HOST}:443/install"),
        ({"public_url": f"https://{ADDRESS}/"}, f"https://{ADDRESS}/install"),
        ({"install_port": 8080}, f"http://{HOST}:8080/install"),
        ({"install_port": 8080, "public_url": "https://[fd00::1]:8443"}, "http://[fd00::1]:8080/install"),
    ],
)
def test_where_phones_install_from(given: dict[str, Any], address: str) -> None:
    assert install_url(Settings(**given), (HOST, ADDRESS)) == address
