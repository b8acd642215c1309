"""Origins: the sites that may show Peil, as a browser names them: scheme, host, and a port of its own."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable

import idna

MOST = 50
"""So many may be allowed at one place: each of them stands in a header of every page."""
LONGEST = 253 + len("https://:65535")
"""Of one origin, in characters: the longest host that there can be, with scheme and port."""

_FORM = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://(?P<rest>.+)", re.DOTALL)
_V6 = re.compile(r"[0-9A-Fa-f:.]+")
# What may stand in a header: no sign that means something there, whatever made it.
_PROPER = re.compile(r"https?://([a-z0-9._-]{1,253}|\[[0-9a-f:]{2,39}\])(:[0-9]{1,5})?")
_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?")
_USUAL = {"https": 443, "http": 80}


class InvalidOrigin(ValueError):
    """It cannot be an origin that is allowed; the message is a sentence that names it and what is wrong."""


def origin(text: str) -> str:
    """An origin as browsers send it: small letters, punycode, no usual port. Raises InvalidOrigin.

    https is expected, but for a machine's own names (localhost, 127.0.0.1). A bare slash at the end is let
    be, since that is what one copies out of a browser.
    """
    plain = text.strip()
    told = _told(plain)
    if not plain:
        raise InvalidOrigin("An origin is expected, such as https://www.company.example.")
    if "*" in plain:
        raise InvalidOrigin(f"{told} stands for many sites at once; name each one by itself.")
    found = _FORM.fullmatch(plain)
    if len(plain) > LONGEST or found is None:
        raise InvalidOrigin(f"{told} is not like https://www.company.example.")
    scheme, rest = found["scheme"].lower(), found["rest"]
    if scheme not in _USUAL:
        raise InvalidOrigin(f"{told} begins with {scheme}://; https:// is expected.")
    address, slash, behind = rest.partition("/")
    if slash and behind:
        raise InvalidOrigin(
            f"{told} names a page; only scheme and host are expected: {scheme}://{_seen(address)}."
        )
    if set(address) & set("?#\\") or "@" in address or any(one.isspace() for one in address):
        raise InvalidOrigin(f"{told} has more than scheme, host and port.")
    host, port = _port(address, scheme, told)
    host = _host(host, told)
    if scheme == "http" and not _own(host):
        raise InvalidOrigin(
            f"{told} is http, which anybody on the way can change; https is expected, and http only for "
            "localhost and 127.0.0.1."
        )
    written = f"{scheme}://{host}{port}"
    if not is_proper(written):
        raise InvalidOrigin(f"{told} has no host that there can be.")
    return written


def is_proper(text: str) -> bool:
    """Whether it is written as `origin` writes it, as far as signs go: safe in a header, whoever wrote it."""
    return _PROPER.fullmatch(text) is not None


def origins(texts: Iterable[str]) -> tuple[str, ...]:
    """These, each once and in this order. Raises InvalidOrigin for the first that is none, and too many."""
    found = tuple(dict.fromkeys(origin(one) for one in texts))
    if len(found) > MOST:
        raise InvalidOrigin(f"At most {MOST} origins can be allowed at one place, not {len(found)}.")
    return found


def _port(address: str, scheme: str, told: str) -> tuple[str, str]:
    """Host and ':port', which is empty for the usual one."""
    host, colon, port = address, "", ""
    if not address.endswith("]"):
        host, colon, port = address.rpartition(":")
        if not colon:
            host = address
    if not colon:
        return host, ""
    if not re.fullmatch("[0-9]{1,5}", port) or not 1 <= int(port) <= 65535:
        raise InvalidOrigin(f"{told} has no port from 1 to 65535 behind its colon.")
    return host, "" if int(port) == _USUAL[scheme] else f":{int(port)}"


def _host(host: str, told: str) -> str:
    """The host as a browser writes it."""
    if host.startswith("["):
        # A zone ('%eth0') is a machine's own affair, may hold any sign, and stands in no origin.
        if not host.endswith("]") or not _V6.fullmatch(host[1:-1]):
            raise InvalidOrigin(f"{told} has no host that there can be.")
        try:
            return f"[{ipaddress.IPv6Address(host[1:-1]).compressed}]"
        except ValueError:
            raise InvalidOrigin(f"{told} has no host that there can be.") from None
    try:
        plain = host.lower() if host.isascii() else idna.encode(host, uts46=True).decode("ascii")
    except idna.IDNAError:
        raise InvalidOrigin(f"{told} has no host that there can be.") from None
    labels = plain.split(".")
    if not plain or len(plain) > 253 or any(len(one) > 63 or not _LABEL.fullmatch(one) for one in labels):
        raise InvalidOrigin(f"{told} has no host that there can be.")
    if labels[-1].isdecimal():
        try:
            return str(ipaddress.IPv4Address(plain))
        except ValueError:
            raise InvalidOrigin(f"{told} has no host that there can be.") from None
    return plain


def _own(host: str) -> bool:
    """Whether it is this machine: what goes there crosses no network."""
    return host in ("localhost", "127.0.0.1", "[::1]") or host.endswith(".localhost")


def _told(text: str) -> str:
    """What was given, on one line and not too much of it."""
    plain = _seen(text)
    return repr(plain if len(plain) <= 80 else f"{plain[:77]}...")


def _seen(text: str) -> str:
    return "".join(one if one.isprintable() else " " for one in text)
