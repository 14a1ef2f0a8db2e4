"""The second listener: health and metrics, apart from the data plane and on loopback by default."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from pointsman.gateway.flow.metrics import FlowView
from pointsman.gateway.metrics import Metrics
from pointsman.limits.values.view import LimitsView

from .cache import Compare, Purge, cache_routes
from .prometheus import exposition

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


def admin_app(
    metrics: Metrics,
    ledger_health: Callable[[], str | None],
    *,
    limits_view: Callable[[], Awaitable[LimitsView]] | None = None,
    redis_trouble: Callable[[], str] | None = None,
    flow: FlowView | None = None,
    purge: Purge | None = None,
    compare: Compare | None = None,
) -> Starlette:
    """The admin application.

    Args:
        ledger_health: what is wrong with the ledger, or None. A sick ledger makes ``/ready`` answer 503:
            entries wait in memory then, and the longer it lasts the more would be lost with the process.
        limits_view: what ``/limits`` answers with, and ``/metrics`` shows. Without it there are no limits,
            and the path is not found.
        redis_trouble: what is wrong with the Redis that replicas share limits in, "" if nothing. ``/ready``
            tells it, and answers 200: all replicas would be taken out of service at once otherwise, which can
            go on within their shares. None where there is no Redis.
        flow: counters of waits, retries and so on, for ``/metrics``.
        purge: forgets answers of the cache. Without it there is none, and its paths are not found.
        compare: what the semantic cache makes of questions; None where there is none.
    """

    async def health(_: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def ready(_: Request) -> Response:
        trouble = ledger_health()
        found = {"ledger": trouble or "ok"}
        if redis_trouble is not None:
            found["redis"] = redis_trouble() or "ok"
        well = all(each == "ok" for each in found.values())
        status = 200 if trouble is None else 503
        return JSONResponse({"status": "ok" if well else "degraded"} | found, status_code=status)

    async def metrics_page(_: Request) -> Response:
        limits = None if limits_view is None else await limits_view()
        return PlainTextResponse(exposition(metrics, limits, flow), media_type=CONTENT_TYPE)

    routes = [Route("/health", health), Route("/ready", ready), Route("/metrics", metrics_page)]
    if limits_view is not None:
        see = limits_view

        async def limits_page(_: Request) -> Response:
            return Response(msgspec.json.encode(await see()), media_type="application/json")

        routes.append(Route("/limits", limits_page))
    if metrics.cache is not None and purge is not None:
        routes += cache_routes(metrics.cache, purge, compare)
    return Starlette(routes=routes)
