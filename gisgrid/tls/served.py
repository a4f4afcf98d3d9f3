"""The certificate that phones and browsers meet: its names, its end, whether they trust it without being told."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.exceptions import InvalidSignature

from gisgrid.settings import Settings
from gisgrid.tls.authority import names_of
from gisgrid.tls.files import SERVER, authority_of, read
from gisgrid.tls.names import in_address, written

SOON: Final = timedelta(days=30)


class Served(NamedTuple):
    """A certificate; `is_local` is one of the local authority, which phones must be told to trust."""

    names: tuple[str, ...]
    ends_at: datetime
    is_local: bool

    def days_left(self, now: datetime) -> int:
        """Return the whole days until it ends, below zero once it has."""
        return (self.ends_at - now).days


def served(settings: Settings) -> Served | None:
    """Return the certificate that the service speaks with, else the local one, which a proxy may speak with.

    Raises BadCertificate.
    """
    folder = settings.tls_folder
    has_authority = folder.is_dir()
    file = settings.tls_cert or (folder / SERVER if has_authority else None)
    if file is None:
        return None
    certificate = read(file)
    is_local = has_authority and _is_of(certificate, folder)
    return Served(written(names_of(certificate)), certificate.not_valid_after_utc, is_local)


def _is_of(certificate: x509.Certificate, folder: Path) -> bool:
    try:
        certificate.verify_directly_issued_by(authority_of(folder))
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def warning(certificate: Served, now: datetime) -> tuple[str, str] | None:
    """Say in Chinese and English that a certificate ends soon or has ended; None while there is time."""
    if certificate.ends_at - now >= SOON:
        return None
    day, days = f"{certificate.ends_at:%Y-%m-%d}", certificate.days_left(now)
    zh_act, en_act = _act(certificate)
    if certificate.ends_at <= now:
        return (
            f"HTTPS 证书已于 {day} 到期,手机和浏览器不再信任;{zh_act}",
            f"the HTTPS certificate ended on {day}: phones and browsers trust it no more; {en_act}",
        )
    return (
        f"HTTPS 证书还有 {days} 天到期({day});{zh_act}",
        f"the HTTPS certificate ends in {days} days ({day}); {en_act}",
    )


def _act(certificate: Served) -> tuple[str, str]:
    if certificate.is_local:
        return "请运行 gisgrid tls renew,再重启服务", "run gisgrid tls renew, then start the service anew"
    return "请更换证书,再重启服务", "replace it, then start the service anew"


def install_url(settings: Settings, names: tuple[str, ...]) -> str:
    """Return the address of the page that installs the authority: unencrypted, if there is a port for that."""
    public = settings.public_url or f"https://{in_address(names[0])}:{settings.port}"
    if settings.install_port:
        return f"http://{in_address(urlsplit(public).hostname or '')}:{settings.install_port}/install"
    return f"{public.rstrip('/')}/install"
