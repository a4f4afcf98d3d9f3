"""The folder of the authority: made whole or not at all, never overwritten; its keys are for the service alone.

`authority.crt` and `authority.key` stay as they are. `server.pem` holds the server's certificate and key in one file,
so that a renewal replaces both in one step.
"""

import errno
import os
import shutil
import tempfile
from datetime import datetime
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from gisgrid.errors import Conflict, NotFound, Refused
from gisgrid.tls.authority import Pair, make_authority, make_server, names_of
from gisgrid.tls.names import Name

CERTIFICATE, KEY, SERVER = "authority.crt", "authority.key", "server.pem"
PUBLIC: Final = 0o644
SECRET: Final = 0o600


class AuthorityThere(Conflict):
    """There is a folder of that name already."""


class NoAuthority(NotFound):
    """There is no local authority here."""


class BadCertificate(Refused):
    """A file that should hold a certificate or its key cannot be used."""


def make(folder: Path, names: tuple[Name, ...], now: datetime) -> None:
    """Make a folder with a new authority and a server certificate. Raises AuthorityThere."""
    if folder.exists():
        raise _there(folder)
    folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = Path(tempfile.mkdtemp(prefix=".tls-", dir=folder.parent))  # for its owner alone, 0700
    try:
        authority = make_authority(names, now)
        _write(part / CERTIFICATE, pem(authority.certificate), PUBLIC)
        _write(part / KEY, _key_pem(authority.key), SECRET)
        _write_server(part / SERVER, make_server(authority, names, now))
        part.rename(folder)
    except OSError as error:
        if error.errno not in (errno.EEXIST, errno.ENOTEMPTY):
            raise
        raise _there(folder) from error  # somebody else was quicker
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _there(folder: Path) -> AuthorityThere:
    return AuthorityThere(
        f"{folder} 已存在,不会覆盖;换服务器证书请运行 gisgrid tls renew",
        f"{folder} is there already and stays as it is; for a new server certificate run gisgrid tls renew",
    )


def renew(folder: Path, names: tuple[Name, ...], now: datetime) -> None:
    """Replace the server certificate by a new one of the same authority, for the same names unless others are given.

    Raises NoAuthority, BadCertificate, NotPermitted, AuthorityEnds.
    """
    certificate = authority_of(folder)
    authority = Pair(certificate, _key_of(folder / KEY))
    pair = make_server(authority, names or names_of(read(folder / SERVER)), now)
    part = folder / f"{SERVER}.part"
    part.unlink(missing_ok=True)
    _write_server(part, pair)
    part.replace(folder / SERVER)


def authority_of(folder: Path) -> x509.Certificate:
    """Return the certificate of the authority. Raises NoAuthority, BadCertificate."""
    if not folder.is_dir():
        raise NoAuthority(
            "这里没有本地证书机构;管理员可用 gisgrid tls init 建立",
            "there is no local authority here; the administrator can make one: gisgrid tls init",
        )
    return read(folder / CERTIFICATE)


def read(file: Path) -> x509.Certificate:
    """Return the first certificate of a PEM file. Raises BadCertificate."""
    try:
        return x509.load_pem_x509_certificate(file.read_bytes())
    except (OSError, ValueError) as error:
        raise bad(file, error) from error


def _key_of(file: Path) -> ec.EllipticCurvePrivateKey:
    try:
        key = load_pem_private_key(file.read_bytes(), password=None)
    except (OSError, ValueError, TypeError) as error:
        raise bad(file, error) from error
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise bad(file, TypeError(type(key).__name__))
    return key


def bad(file: Path, error: Exception) -> BadCertificate:
    """Say that a file is no certificate or key that can be used."""
    why = error.strerror if isinstance(error, OSError) and error.strerror else type(error).__name__
    return BadCertificate(
        f"证书或私钥文件 {file} 无法使用({why})", f"the file {file} cannot be used as certificate or key ({why})"
    )


def pem(certificate: x509.Certificate) -> bytes:
    """Return a certificate as text."""
    return certificate.public_bytes(Encoding.PEM)


def der(certificate: x509.Certificate) -> bytes:
    """Return the bytes of a certificate."""
    return certificate.public_bytes(Encoding.DER)


def _key_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _write_server(file: Path, pair: Pair) -> None:
    _write(file, pem(pair.certificate) + _key_pem(pair.key), SECRET)


def _write(file: Path, content: bytes, mode: int) -> None:
    """Write a new file, on the disk when this returns; nobody else could read it for a moment."""
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as target:
        target.write(content)
        target.flush()
        os.fsync(target.fileno())
