"""The names that a certificate is for: host names and addresses, as a browser asks for them."""

import re
from collections.abc import Iterable, Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Final

from cryptography import x509

from gisgrid.errors import Refused

Name = x509.DNSName | x509.IPAddress

LABEL: Final = r"(?!-)[a-z0-9-]{1,63}(?<!-)"
HOST: Final = re.compile(rf"(?=.{{1,253}}$)(?:{LABEL}\.)*(?!\d+$){LABEL}")
"""A name of letters, digits and hyphens. One that ends in a number would be taken for an address."""


class BadName(Refused):
    """What a server cannot be reached by."""


def read_names(texts: Sequence[str]) -> tuple[Name, ...]:
    """Read host names and IP addresses; each is kept once, in the order given. Raises BadName."""
    return tuple(dict.fromkeys(_name(text.strip().lower()) for text in texts))


def _name(text: str) -> Name:
    address = _address(text)
    if address is not None and not (address.is_unspecified or address.is_multicast):
        return x509.IPAddress(address)
    if address is not None or not HOST.fullmatch(text):
        raise BadName(
            f"{text[:80]!r} 不能作为证书的名称;只写主机名或 IP 地址,不带 https://、端口和星号,"
            "例如 grid.example.cn 或 192.168.1.10;中文域名写成 xn-- 形式",
            f"{text[:80]!r} cannot be the name of a certificate; give a host name or an IP address, without https://, "
            "port and asterisk, such as grid.example.cn or 192.168.1.10; write a Chinese domain in its xn-- form",
        )
    return x509.DNSName(text)


def _address(text: str) -> IPv4Address | IPv6Address | None:
    bare = text[1:-1] if text.startswith("[") and text.endswith("]") else text
    try:
        address = ip_address(bare)
    except ValueError:
        return None
    return None if "%" in bare else address  # a zone means something to one machine alone


def written(names: Iterable[Name]) -> tuple[str, ...]:
    """Write names as an address bar has them, IPv6 without brackets."""
    return tuple(str(name.value) for name in names)


def in_address(name: str) -> str:
    """Write a name as it stands in a URL."""
    return f"[{name}]" if ":" in name else name
