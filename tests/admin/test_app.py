"""The admin listener, over a real socket."""

from __future__ import annotations

from pointsman.admin import admin_app
from pointsman.gateway.metrics import Metrics
from pointsman.http1 import Http1Transport, HttpRequest, Timeouts
from tests.support.entries import make_entry
from tests.support.servers import serve


async def get(base: str, path: str) -> tuple[int, str]:
    transport = Http1Transport()
    try:
        response = await transport.send(HttpRequest("GET", base + path), Timeouts())
        return response.status, (await response.read()).decode()
    finally:
        await transport.close()


async def test_health_metrics_and_readiness() -> None:
    metrics, trouble = Metrics(), list[str]()
    metrics.observe(make_entry())
    async with serve(admin_app(metrics, lambda: trouble[0] if trouble else None)) as base:
        assert await get(base, "/health") == (200, '{"status":"ok"}')
        status, text = await get(base, "/metrics")
        assert status == 200 and "pointsman_requests_total{" in text
        assert (await get(base, "/ready"))[0] == 200
        trouble.append("disk full")
        status, text = await get(base, "/ready")
        assert status == 503 and "disk full" in text
