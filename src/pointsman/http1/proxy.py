"""Which proxy, if any, stands before a host: the environment's conventions, read from a mapping.

``HTTP_PROXY``, ``HTTPS_PROXY`` and ``ALL_PROXY`` in either case (lower case wins), ``NO_PROXY`` as curl and
requests read it: names match themselves and what is below them, addresses may be networks, a port narrows.
"""

from __future__ import annotations

import base64
import ipaddress
from collections.abc import Mapping
from urllib.parse import unquote, urlsplit

import msgspec

from pointsman.errors import ConfigurationError
from pointsman.http1.url import Target, is_loopback

_DEFAULT_PORTS = {"http": 80, "https": 443}
_Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class Proxy(msgspec.Struct, frozen=True):
    """One HTTP proxy. ``authorization`` is the value of Proxy-Authorization; a repr does not show it."""

    scheme: str
    host: str
    port: int
    authorization: str | None = None

    @property
    def authority(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    def __repr__(self) -> str:
        return f"Proxy({self.scheme}://{self.authority})"


class Bypass(msgspec.Struct, frozen=True):
    """One entry of NO_PROXY: a name with all below it or a network, at one port or at any."""

    name: str = ""
    network: _Network | None = None
    port: int | None = None

    def covers(self, target: Target) -> bool:
        if self.port is not None and self.port != target.port:
            return False
        if self.network is not None:
            try:
                return ipaddress.ip_address(target.host) in self.network
            except ValueError:
                return False
        return target.host == self.name or target.host.endswith(f".{self.name}")


class ProxyRules(msgspec.Struct, frozen=True):
    """A proxy for each scheme, and where none is used. The default uses none anywhere."""

    http: Proxy | None = None
    https: Proxy | None = None
    bypass: tuple[Bypass, ...] = ()
    bypass_all: bool = False

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> ProxyRules:
        """Read the variables once.

        Raises:
            ConfigurationError: a proxy's address is wrong or of a kind that is not spoken (SOCKS).
        """
        entries = _value(environment, "no_proxy")[1].replace(",", " ").split()
        # A CGI server turns a client's "Proxy:" header into HTTP_PROXY, so there it is not to be trusted.
        trusted = {
            k: v for k, v in environment.items() if k != "HTTP_PROXY" or "REQUEST_METHOD" not in environment
        }
        return cls(
            http=_first_proxy(trusted, "http_proxy", "all_proxy"),
            https=_first_proxy(trusted, "https_proxy", "all_proxy"),
            bypass=tuple(_bypass(entry) for entry in entries if entry != "*"),
            bypass_all="*" in entries,
        )

    def choose(self, target: Target) -> Proxy | None:
        """The proxy for this target; None for a direct connection, as always to this machine itself."""
        proxy = self.https if target.scheme == "https" else self.http
        if proxy is None or self.bypass_all or is_loopback(target.host):
            return None
        if any(entry.covers(target) for entry in self.bypass):
            return None
        return proxy


def _value(environment: Mapping[str, str], name: str) -> tuple[str, str]:
    for key in (name, name.upper()):
        value = environment.get(key, "").strip()
        if value:
            return key, value
    return name, ""


def _first_proxy(environment: Mapping[str, str], *names: str) -> Proxy | None:
    for name in names:
        key, value = _value(environment, name)
        if value:
            return _proxy(key, value)
    return None


def _proxy(variable: str, value: str) -> Proxy:
    """The value may hold a password, so no message repeats it."""
    try:
        parts = urlsplit(value if "://" in value else f"http://{value}")
        host, port = parts.hostname, parts.port
    except ValueError:
        host = port = None
        parts = urlsplit("")
    if parts.scheme.startswith("socks"):
        raise ConfigurationError(
            f"{variable} names a SOCKS proxy; only http:// and https:// proxies are supported. "
            "Unset it, or name an HTTP proxy in HTTPS_PROXY.",
            param=variable,
        )
    if parts.scheme not in _DEFAULT_PORTS or not host:
        raise ConfigurationError(
            f"{variable} must look like http://[user:password@]host:port.", param=variable
        )
    authorization = None
    if parts.username is not None:
        pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        authorization = "Basic " + base64.b64encode(pair.encode()).decode("ascii")
    return Proxy(parts.scheme, host, port or _DEFAULT_PORTS[parts.scheme], authorization)


def _bypass(entry: str) -> Bypass:
    network = _network(entry)
    if network is not None:
        return Bypass(network=network)
    host, colon, digits = entry.rpartition(":")
    port = int(digits) if colon and digits.isdecimal() else None
    host = (host if port is not None else entry).strip("[]")
    network = _network(host)
    if network is not None:
        return Bypass(network=network, port=port)
    return Bypass(name=host.lower().removeprefix("*").strip("."), port=port)


def _network(text: str) -> _Network | None:
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None
