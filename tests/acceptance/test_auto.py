"""`model: "auto"` as callers meet it: with the official SDKs, and with our own client, in-process too."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from anthropic import AsyncAnthropic, BadRequestError
from openai import AsyncOpenAI

from pointsman import AsyncClient
from pointsman.routing.journal.sqlite import SqliteRouters
from pointsman.simulator import app
from tests.support.servers import serve
from tests.support.stack import running_stack, settings

HAIKU, SONNET = "claude-haiku-4-5", "claude-sonnet-4-5"
GIVEN = settings(auto={"default": {"policy": "keywords", "pool": [HAIKU, SONNET]}})


def test_the_official_sdks() -> None:
    async def work() -> None:
        async with running_stack(given=GIVEN) as stack:
            openai = AsyncOpenAI(base_url=f"{stack.gateway_url}/v1", api_key="any", max_retries=0)
            anthropic = AsyncAnthropic(base_url=stack.gateway_url, api_key="any", max_retries=0)
            async with openai, anthropic:
                assert "auto" in [model.id async for model in openai.models.list()]
                for text, model in (("Who was it?", HAIKU), ("Design a bridge.", SONNET)):
                    raw = await openai.chat.completions.with_raw_response.create(
                        model="auto", max_completion_tokens=20, messages=[{"role": "user", "content": text}]
                    )
                    assert raw.headers["x-pointsman-model"] == model
                    assert raw.headers["x-pointsman-route"] == "default; policy=keywords; reason=keywords"
                    async with anthropic.messages.stream(
                        model="auto", max_tokens=20, messages=[{"role": "user", "content": text}]
                    ) as stream:
                        assert stream.response.headers["x-pointsman-model"] == model
                        assert (await stream.get_final_message()).content
                with pytest.raises(BadRequestError, match="x-pointsman-pin: 'x' is not in the pool"):
                    await anthropic.messages.create(
                        model="auto",
                        max_tokens=20,
                        messages=[{"role": "user", "content": "Hi"}],
                        extra_headers={"x-pointsman-pin": "x"},
                    )

    asyncio.run(work())


def test_the_client_in_process_keeps_its_decisions_beside_its_ledger(tmp_path: Path) -> None:
    config, database = tmp_path / "pointsman.toml", tmp_path / "a.db"
    config.write_text(f'[auto.default]\npolicy = "keywords"\npool = ["{HAIKU}", "{SONNET}"]\n')

    async def work() -> str:
        async with (
            serve(app()) as url,
            AsyncClient(config=str(config), ledger=str(database), simulator_url=url) as client,
        ):
            easy = await client.chat("auto", "Who was it?", max_tokens=20)
            hard = await client.chat("auto", "Design a bridge.", max_tokens=20)
            assert (easy.model, hard.model) == (HAIKU, SONNET)
            return easy.request_id

    request_id = asyncio.run(work())
    decided = SqliteRouters(database, now_us=lambda: 0).decision(request_id)
    assert decided is not None
    assert (decided.decision.model, decided.decision.reason) == (HAIKU, "keywords")
    assert decided.decision.features
