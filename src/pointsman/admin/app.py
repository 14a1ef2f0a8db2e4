"""The second listener: health and metrics, apart from the data plane and on loopback by default."""

from __future__ import annotations

from collections.abc import Callable

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from pointsman.gateway.metrics import Metrics

from .prometheus import exposition, make_registry

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


def admin_app(metrics: Metrics, ledger_health: Callable[[], str | None]) -> Starlette:
    """The admin application.

    Args:
        ledger_health: what is wrong with the ledger, or None. A sick ledger makes ``/ready`` answer 503:
            entries wait in memory then, and the longer it lasts the more would be lost with the process.
    """
    registry = make_registry(metrics)

    async def health(_: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def ready(_: Request) -> Response:
        trouble = ledger_health()
        if trouble is None:
            return JSONResponse({"status": "ok", "ledger": "ok"})
        return JSONResponse({"status": "degraded", "ledger": trouble}, status_code=503)

    async def metrics_page(_: Request) -> Response:
        return PlainTextResponse(exposition(registry), media_type=CONTENT_TYPE)

    return Starlette(
        routes=[
            Route("/health", health),
            Route("/ready", ready),
            Route("/metrics", metrics_page),
        ]
    )
