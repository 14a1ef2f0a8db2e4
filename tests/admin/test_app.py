"""The admin listener, over a real socket."""

from __future__ import annotations

import msgspec

from pointsman.admin import admin_app
from pointsman.gateway.metrics import Metrics
from pointsman.http1 import Http1Transport, HttpRequest, Timeouts
from pointsman.limits.values.view import LimitsView
from tests.support.entries import make_entry
from tests.support.flow import SomeFlow, a_view
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


async def test_a_redis_that_is_away_is_told_and_takes_no_replica_out_of_service() -> None:
    trouble = "no answer within 0.1 s"
    async with serve(admin_app(Metrics(), lambda: None, redis_trouble=lambda: trouble)) as base:
        status, text = await get(base, "/ready")
        assert (status, msgspec.json.decode(text)) == (
            200,
            {"status": "degraded", "ledger": "ok", "redis": "no answer within 0.1 s"},
        )
        trouble = ""
        status, text = await get(base, "/ready")
        assert (status, msgspec.json.decode(text)) == (200, {"status": "ok", "ledger": "ok", "redis": "ok"})


async def test_limits_are_told_as_they_stand() -> None:
    flow = SomeFlow()
    flow.counted.retried("openai/gpt-4o")
    async with serve(admin_app(Metrics(), lambda: None, limits_view=flow.limits, flow=flow)) as base:
        status, text = await get(base, "/limits")
        assert (status, msgspec.json.decode(text, type=LimitsView)) == (200, a_view())
        text = (await get(base, "/metrics"))[1]
        assert "pointsman_limit_used{" in text and "pointsman_retries_total{" in text


async def test_without_limits_there_is_no_page_of_them() -> None:
    async with serve(admin_app(Metrics(), lambda: None)) as base:
        assert (await get(base, "/limits"))[0] == 404
