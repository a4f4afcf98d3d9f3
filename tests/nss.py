"""What Chromium trusts on Linux: a store of Mozilla's library in the home of whoever runs it, written by that library.

Chromium brings the library along wherever it is installed; its command-line tool it does not.
"""

import ctypes
from pathlib import Path

NO_KEY = ctypes.c_ulong(0)
TRUSTED = 1 << 3 | 1 << 4
"""A valid authority, trusted for servers."""


class Bytes(ctypes.Structure):
    """A SECItem."""

    _fields_ = (("kind", ctypes.c_int), ("data", ctypes.c_char_p), ("size", ctypes.c_uint))


class Trust(ctypes.Structure):
    """A CERTCertTrust: for servers, mail and code."""

    _fields_ = (("servers", ctypes.c_uint), ("mail", ctypes.c_uint), ("code", ctypes.c_uint))


def trust(home: Path, der: bytes) -> None:
    """Let the browsers of a home trust an authority."""
    folder = home / ".pki" / "nssdb"
    folder.mkdir(parents=True)
    library = ctypes.CDLL("libnss3.so")
    for name in ("PK11_GetInternalKeySlot", "CERT_GetDefaultCertDB", "CERT_NewTempCertificate"):
        getattr(library, name).restype = ctypes.c_void_p
    _done(library.NSS_InitReadWrite(f"sql:{folder}".encode()))
    slot = ctypes.c_void_p(library.PK11_GetInternalKeySlot())
    store = ctypes.c_void_p(library.CERT_GetDefaultCertDB())
    _done(library.PK11_InitPin(slot, None, b""))
    item = Bytes(0, der, len(der))
    certificate = ctypes.c_void_p(library.CERT_NewTempCertificate(store, ctypes.byref(item), None, 0, 1))
    _done(library.PK11_ImportCert(slot, certificate, NO_KEY, b"authority", 0))
    _done(library.CERT_ChangeCertTrust(store, certificate, ctypes.byref(Trust(TRUSTED, 0, 0))))
    library.CERT_DestroyCertificate(certificate)
    library.PK11_FreeSlot(slot)
    _done(library.NSS_Shutdown())


def _done(status: int) -> None:
    assert status == 0
