"""The upstream client: HTTP/1.1 with TLS, pooling and proxies, and incremental server-sent events."""

from pointsman.http1.client import Http1Transport
from pointsman.http1.pool import PoolLimits
from pointsman.http1.port import HttpRequest, HttpResponse, Leave, Timeouts, Transport
from pointsman.http1.proxy import Proxy, ProxyRules
from pointsman.http1.sse import EventSplitter, iter_events
from pointsman.http1.tls import client_context

__all__ = [
    "EventSplitter",
    "Http1Transport",
    "HttpRequest",
    "HttpResponse",
    "Leave",
    "PoolLimits",
    "Proxy",
    "ProxyRules",
    "Timeouts",
    "Transport",
    "client_context",
    "iter_events",
]
