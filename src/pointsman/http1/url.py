"""Addresses: what an http(s) URL says about where to connect and what to ask for."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

import msgspec

from pointsman.errors import ConfigurationError

_PORTS = {"http": 80, "https": 443}


class Target(msgspec.Struct, frozen=True):
    """Where a URL points. ``host`` has no brackets; ``path`` includes the query."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """host:port, the port always named, IPv6 in brackets; what CONNECT and messages use."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def host_header(self) -> str:
        """The authority without the scheme's default port."""
        if self.port != _PORTS[self.scheme]:
            return self.authority
        return f"[{self.host}]" if ":" in self.host else self.host

    @property
    def origin(self) -> str:
        return f"{self.scheme}://{self.authority}"


def parse_target(url: str) -> Target:
    """Take an absolute http or https URL apart; a fragment is dropped.

    Raises:
        ConfigurationError: no such URL, or it carries a user name or password (these would end up in logs).
    """
    if any(character <= " " or character == "\x7f" for character in url):
        raise ConfigurationError("An upstream URL contains a space or a control character; encode it as %XX.")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ConfigurationError(
            "An upstream URL cannot be parsed: check its host and port (0 to 65535)."
        ) from None
    if "@" in parts.netloc:
        raise ConfigurationError("An upstream URL contains credentials; give them as api_key instead.")
    if parts.scheme not in _PORTS or not parts.hostname:
        raise ConfigurationError(f"An upstream URL must look like https://host/path, not {url!r}.")
    path = parts.path or "/"
    if parts.query:
        path += f"?{parts.query}"
    if not path.isascii():
        raise ConfigurationError(f"The path of {url!r} is not ASCII; encode it as %XX.")
    return Target(parts.scheme, _host(parts.hostname), _PORTS[parts.scheme] if port is None else port, path)


def _host(name: str) -> str:
    """A name that is not ASCII in its IDNA form; one that no resolver would take is refused."""
    try:
        return name if ":" in name else name.encode("idna").decode("ascii")
    except UnicodeError:
        raise ConfigurationError(f"The host {name!r} of an upstream URL is not a valid name.") from None


def is_loopback(host: str) -> bool:
    """Whether this name or address can only mean this machine."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
