"""``pointsman cache`` against a real admin listener."""

from __future__ import annotations

import asyncio
import io
import json
from pathlib import Path

import msgspec
import pytest

from pointsman.admin import admin_app
from pointsman.cli.main import run
from pointsman.costs import format_usd
from pointsman.gateway.cache.metrics import CachePurge, CachePurged
from pointsman.gateway.metrics import Metrics
from pointsman.keys import KeyInfo
from tests.support.cached import a_cache_view, a_shared_view
from tests.support.gateway import CHAT, ask
from tests.support.servers import serve
from tests.support.stack import running_stack, settings

MODEL = "gpt-5.4-nano"


class ByName:
    """A key for each token, all of one tenant."""

    def authenticate(self, token: str) -> KeyInfo:
        return KeyInfo(f"key_{token}", token, "acme")


@pytest.fixture(autouse=True)
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("POINTSMAN_CONFIG", raising=False)


def call(*arguments: str) -> tuple[int, str]:
    stderr = io.StringIO()
    return run(["cache", *arguments], environ={}, stderr=stderr), stderr.getvalue()


async def test_it_shows_what_the_cache_did_and_empties_it(capsys: pytest.CaptureFixture[str]) -> None:
    metrics, asked = Metrics(), []
    metrics.cache = a_cache_view

    async def purge(which: CachePurge) -> CachePurged:
        asked.append(which)
        return CachePurged(3)

    async with serve(admin_app(metrics, lambda: None, purge=purge)) as base:
        assert await asyncio.to_thread(call, "stats", "--url", base) == (0, "")
        text = capsys.readouterr().out
        assert "77.8% of 45 (30 hits, 2 similar, 3 shared, 10 misses)" in text
        assert "$1.25" in text and "4 sampled" in text and "auto:default" in text and "team" in text
        assert await asyncio.to_thread(call, "stats", "--url", base, "--by", "key") == (0, "")
        assert "auto:default" not in capsys.readouterr().out
        assert await asyncio.to_thread(call, "stats", "--url", base, "--json") == (0, "")
        assert json.loads(capsys.readouterr().out)["hits"] == 30
        assert await asyncio.to_thread(call, "purge", "--url", base, "--model", "m", "--tag", "Doc:7") == (
            0,
            "",
        )
        assert capsys.readouterr().out == "3 answers forgotten.\n"
        assert await asyncio.to_thread(call, "purge", "--url", base, "--older-than", "2h") == (0, "")
        capsys.readouterr()
        assert await asyncio.to_thread(call, "purge", "--url", base, "--json", "--all") == (0, "")
        assert capsys.readouterr().out == '{"purged":3}\n'
        code, message = await asyncio.to_thread(call, "purge", "--url", base)
        assert code == 2 and "Say which answers to forget" in message
    assert asked == [CachePurge("m", tag="doc:7"), CachePurge(older_than=7200.0), CachePurge(all=True)]


async def nothing(_: CachePurge) -> CachePurged:
    return CachePurged(0)


async def test_by_itself_it_shows_the_stats(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    metrics = Metrics()
    metrics.cache = a_cache_view
    async with serve(admin_app(metrics, lambda: None, purge=nothing)) as base:
        monkeypatch.setenv("POINTSMAN_SERVER__ADMIN_PORT", base.rpartition(":")[2])
        assert await asyncio.to_thread(call) == (0, "")
    assert "hit rate" in capsys.readouterr().out


async def test_what_redis_keeps_is_told_of_too(capsys: pytest.CaptureFixture[str]) -> None:
    metrics, said = Metrics(), [CachePurged(3, 40), CachePurged(3, trouble="no answer within 0.1 s")]
    metrics.cache = lambda: msgspec.structs.replace(a_cache_view(), shared=a_shared_view())

    async def purge(_: CachePurge) -> CachePurged:
        return said.pop(0)

    async with serve(admin_app(metrics, lambda: None, purge=purge)) as base:
        assert await asyncio.to_thread(call, "stats", "--url", base) == (0, "")
        text = capsys.readouterr().out
        text = " ".join(text.split())
        assert "900 answers in 500,000 of 1,048,576 bytes, encrypted" in text
        assert "6 of 10 looked for there, 1 not answered in time, not readable: 2 other_key" in text
        assert await asyncio.to_thread(call, "purge", "--url", base, "--all") == (0, "")
        assert "3 answers forgotten here, 40 in Redis" in capsys.readouterr().out
        assert (await asyncio.to_thread(call, "purge", "--url", base, "--all"))[0] == 1
        assert "(no answer within 0.1 s): what replicas share is still there" in capsys.readouterr().out


async def test_of_a_real_gateway_by_key_and_route_and_purged_by_tag(
    capsys: pytest.CaptureFixture[str],
) -> None:
    given = settings(
        cache={"enabled": True}, auto={"x": {"pool": [MODEL, "gpt-5.4-mini"], "policy": "cheapest"}}
    )
    async with running_stack(given=given, door=ByName()) as stack:
        cache = stack.gateway.cache
        assert cache is not None
        for number in range(6):
            body = ask(
                "auto:x" if number % 2 else MODEL, f"Question {number // 2}", temperature=0, max_tokens=900
            )
            who = "reports" if number < 4 else "chat"
            headers = {"authorization": f"Bearer {who}", "x-pointsman-cache-tag": f"question:{number // 2}"}
            assert (await stack.call("POST", CHAT, json.dumps(body).encode(), headers))[0] == 200
        paid = [entry for entry in stack.ledger.entries if entry.attempts]
        spared = format_usd(sum(entry.cost or 0 for entry in paid))
        async with serve(admin_app(stack.gateway.metrics, lambda: None, purge=cache.purge)) as base:
            assert await asyncio.to_thread(call, "stats", "--url", base, "--json") == (0, "")
            told = json.loads(capsys.readouterr().out)
            assert (told["hit_rate"], told["hits"], told["saved_usd"]) == (0.5, 3, spared)
            assert {name: line["hits"] for name, line in told["by_route"].items()} == {"auto:x": 3, MODEL: 0}
            rates = {name: line["hit_rate"] for name, line in told["by_key"].items()}
            assert rates == {"reports": 0.5, "chat": 0.5}
            assert await asyncio.to_thread(call, "purge", "--url", base, "--tag", "question:1") == (0, "")
            assert "1 answer forgotten." in capsys.readouterr().out
        assert len(cache.store) == 2


async def test_a_gateway_without_a_cache_is_told() -> None:
    async with serve(admin_app(Metrics(), lambda: None)) as base:
        code, message = await asyncio.to_thread(call, "stats", "--url", base)
    assert code == 1 and "Is cache.enabled set there?" in message
