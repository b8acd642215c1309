"""Who asks, as far as limits go: the network address that a request came from."""

from __future__ import annotations

import ipaddress

from fastapi import Request

# One customer of a network's owner is given all of it (RFC 6177), so each of its addresses is the same one.
_OF_ONE = 64
# IPv4 behind a translator (RFC 6052): else everybody in the world would count as one.
_TRANSLATED = ipaddress.IPv6Network("64:ff9b::/96")


def caller(request: Request) -> str:
    """By what limits count who asks: an IPv4 address, or the /64 of an IPv6 address; '' if none is known."""
    return network(request.client.host) if request.client else ""


def network(address: str) -> str:
    """The same of an address as text; what is none is given back as it is."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    number = int(found)
    if ipaddress.IPv6Address(number) in _TRANSLATED:
        return str(ipaddress.IPv4Address(number & 0xFFFFFFFF))
    return str(ipaddress.IPv6Network((number, _OF_ONE), strict=False))
