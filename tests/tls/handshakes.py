"""What OpenSSL makes of a certificate: a whole handshake in memory, as a client that trusts one authority alone."""

import ssl
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509

from gisgrid.tls.authority import Pair, make_authority, make_server
from gisgrid.tls.files import _key_pem, pem
from gisgrid.tls.names import read_names

NOW = datetime.now(UTC)
HOST, ADDRESS = "grid.kuichong.example", "192.168.1.10"


def authority(*names: str, now: datetime = NOW) -> Pair:
    return make_authority(read_names(names or (HOST, ADDRESS)), now)


def server(by: Pair, *names: str, now: datetime = NOW) -> Pair:
    return make_server(by, read_names(names or (HOST, ADDRESS)), now)


def trusting(certificate: x509.Certificate) -> ssl.SSLContext:
    """Return a client that trusts an authority, and checks as strictly as OpenSSL can."""
    context = ssl.create_default_context(cadata=pem(certificate).decode())
    context.verify_flags |= ssl.VerifyFlags.VERIFY_X509_STRICT
    return context


def shake_hands(trusted: x509.Certificate, pair: Pair, name: str) -> None:
    """Connect to a server by a name. Raises SSLCertVerificationError where the client refuses its certificate."""
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "server.pem"
        file.write_bytes(pem(pair.certificate) + _key_pem(pair.key))
        serving.load_cert_chain(file)
    there, back = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = trusting(trusted).wrap_bio(back, there, server_hostname=name)
    answering = serving.wrap_bio(there, back, server_side=True)
    for _ in range(3):
        for side in (client, answering):
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                continue
    assert client.cipher()
