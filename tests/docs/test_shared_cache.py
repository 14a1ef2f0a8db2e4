"""The example of docs/shared-cache.md prints what it says, and what the page names is there."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from pointsman.admin.prometheus_shared import shared_families
from pointsman.caching.shared.redis_flights import LINGER_MS
from pointsman.config.cache import CacheSettings
from tests.support.cached import a_shared_view
from tests.support.pages import DOCS, examples, run_python
from tests.support.processes import running
from tests.support.redis_server import redis_server
from tests.support.servers import serve
from tests.support.shared_gateways import replicas
from tests.support.upstream import Scripted

NAME = "shared-cache.md"
PAGE = (DOCS / NAME).read_text(encoding="utf-8")


async def test_the_example(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With one gateway that the command serves, and one in this process."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    (example,) = (each for each in examples(NAME) if each.language == "python")
    with redis_server() as server:
        on = {"POINTSMAN_CACHE__ENABLED": "true", "POINTSMAN_REDIS__URL": server.url}
        on["POINTSMAN_REDIS__TIMEOUT"] = "5"
        with running("serve", "--port", "0", "--admin-port", "0", home=tmp_path, environ=on) as process:
            first = await asyncio.to_thread(lambda: process.wait_for(r"ready at (\S+)")[1])
            silent = Scripted(500, b"")
            async with (
                replicas(server, 1, silent, prefix="pointsman", patience=5) as (other,),
                serve(other.gateway.app) as second,
            ):
                real = {"http://127.0.0.1:8080": first, "http://127.0.0.1:8090": second}
                assert await asyncio.to_thread(run_python, example, NAME, real) == example.output


def test_metrics_and_settings_are_on_the_page() -> None:
    for metric in shared_families(a_shared_view()):
        assert f"`{metric.name}{'_total' if metric.type == 'counter' else ''}" in PAGE
    defaults = CacheSettings()
    assert defaults.shared and f"| `cache.shared_max_bytes` | {defaults.shared_max_bytes:,} |" in PAGE
    assert LINGER_MS == 2_000 and "lingers for two seconds" in (
        DOCS / "decisions" / "0011-shared-cache.md"
    ).read_text(encoding="utf-8")
