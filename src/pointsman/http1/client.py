"""The upstream client: ``Transport`` over our own connections."""

from __future__ import annotations

import asyncio
import functools
import ssl
from collections.abc import Callable, Mapping

from pointsman.errors import UpstreamUnreachable
from pointsman.http1.connection import Connection
from pointsman.http1.gathering import Outbox
from pointsman.http1.head import encode_head
from pointsman.http1.origin import Origin
from pointsman.http1.pool import PoolLimits
from pointsman.http1.port import HttpRequest, Leave, Timeouts
from pointsman.http1.proxy import Proxy, ProxyRules
from pointsman.http1.response import Response
from pointsman.http1.tls import client_context
from pointsman.http1.url import Target, parse_target

_ROUTES_MAX = 1024


class _Route:
    """What is known about one URL: the way there, and the first lines of a request."""

    __slots__ = ("now", "origin", "start")

    def __init__(self, target: Target, proxy: Proxy | None, origin: Origin, now: Callable[[], float]) -> None:
        self.now = now
        forwarded = proxy is not None and target.scheme == "http"
        requested = f"http://{target.host_header}{target.path}" if forwarded else target.path
        self.origin = origin
        self.start = f"{requested} HTTP/1.1\r\nhost: {target.host_header}\r\n"
        if forwarded and proxy is not None and proxy.authorization is not None:
            self.start += f"proxy-authorization: {proxy.authorization}\r\n"


class Http1Transport:
    """Implements ``Transport``. Belongs to the event loop of its first ``send``.

    Args:
        proxies: none unless told; the environment is not looked at.
        limits: connections per origin.
        tls: makes the context for https, called at the first such request.
    """

    def __init__(
        self,
        *,
        proxies: ProxyRules | None = None,
        limits: PoolLimits | None = None,
        tls: Callable[[], ssl.SSLContext] = client_context,
    ) -> None:
        self._proxies = proxies or ProxyRules()
        self._limits = limits or PoolLimits()
        self._tls = functools.cache(tls)
        self._routes: dict[str, _Route] = {}
        self._origins: dict[str, Origin] = {}
        self._outbox = Outbox()
        self._closed = False

    @classmethod
    def from_environment(
        cls, environment: Mapping[str, str], *, limits: PoolLimits | None = None
    ) -> Http1Transport:
        """With the proxies and certificate authorities that the variables name.

        Raises:
            ConfigurationError: a proxy variable is wrong.
        """
        return cls(
            proxies=ProxyRules.from_environment(environment),
            limits=limits,
            tls=functools.partial(client_context, environment),
        )

    async def send(self, request: HttpRequest, timeouts: Timeouts, leave: Leave | None = None) -> Response:
        """See ``Transport``. ``sent`` of the errors tells whether anything can have reached the server.

        Raises:
            InvalidRequest: a header cannot be sent as it is.
            ConfigurationError: the URL is not one.
        """
        method, body = request.method, request.body
        route = self._routes.get(request.url) or self._learn(request.url, asyncio.get_running_loop())
        total = timeouts.total
        total_at = None if total is None else route.now() + total
        head = encode_head(method, route.start, request.headers, len(body))
        if leave is None:
            connection = route.origin.idle() or await route.origin.acquire(timeouts, total_at)
        elif leave.gone:
            raise _left()
        else:
            connection = route.origin.idle() or await _acquire(route.origin, timeouts, total_at, leave)
        return await connection.exchange(head, body, timeouts, total_at, leave, head_only=method == "HEAD")

    def _learn(self, url: str, loop: asyncio.AbstractEventLoop) -> _Route:
        if self._closed:
            raise UpstreamUnreachable("The transport is closed; nothing was sent.", sent=False)
        target = parse_target(url)
        proxy = self._proxies.choose(target)
        origin = self._origins.get(target.origin)
        if origin is None:
            origin = Origin(target, proxy, self._tls, self._limits, loop, self._outbox)
            self._origins[target.origin] = origin
        if len(self._routes) >= _ROUTES_MAX:
            self._routes.clear()
        route = self._routes[url] = _Route(target, proxy, origin, loop.time)
        return route

    async def close(self) -> None:
        """See ``Transport``; returns when every socket is closed. What is sent afterwards is refused."""
        self._closed = True
        for origin in self._origins.values():
            await origin.close()


async def _acquire(origin: Origin, timeouts: Timeouts, total_at: float | None, leave: Leave) -> Connection:
    """Nothing has been sent yet, so a caller that leaves is simply let go."""
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(None) as limit:
            leave.listen(lambda: limit.reschedule(loop.time()))
            try:
                return await origin.acquire(timeouts, total_at)
            finally:
                leave.listen(None)
    except TimeoutError:
        raise _left() from None


def _left() -> UpstreamUnreachable:
    return UpstreamUnreachable("The caller left before anything was sent.", sent=False)
