"""Clients that read slowly, and are gone before the end: what waits for them is billed too."""

from __future__ import annotations

import asyncio

import pytest

from pointsman.costs import parse_usd
from pointsman.simulator import Config
from tests.support.virtual_stack import virtual_stack
from tests.support.virtual_time import run_virtual
from tests.support.visitor import Visitor
from tests.support.worlds import Visit

BODY = {
    "max_tokens": 200,
    "stream": True,
    "messages": [{"role": "user", "content": "1: tell me about queues, " + "please " * 30}],
}


@pytest.mark.parametrize("model", ["gpt-4.1", "claude-haiku-4-5"])
@pytest.mark.parametrize("path", ["/v1/chat/completions", "/v1/messages"])
@pytest.mark.parametrize("after", [0.0, 0.1, 0.3])
def test_what_a_slow_reader_had_not_read_when_it_was_cut_off_is_booked(
    path: str, model: str, after: float
) -> None:
    async def work() -> None:
        async with virtual_stack(Config(pace="none")) as stack:
            visit = Visit(
                0.0, "", path, BODY | {"model": model}, {"anthropic-version": "2023-06-01"}, slow=0.2
            )
            visitor = Visitor(visit, stack.gateway.app)
            task = asyncio.create_task(visitor.run())
            await visitor.first_chunk.wait()
            await asyncio.sleep(after)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            (line,), (entry,) = (await stack.bill()).calls, stack.ledger.entries
            assert entry.usage is not None
            assert entry.cost is not None
            assert len(visitor.chunks) < 4, "it was cut off early"
            assert line.output > 50
            assert entry.outcome in ("cut", "ok"), "ok where all of it had come, though nobody read it"
            assert entry.usage.output >= line.output
            assert entry.cost >= parse_usd(line.usd)

    run_virtual(work)


def test_what_was_learned_of_short_calls_takes_nothing_from_what_went_by() -> None:
    """Calls of tools have less tokens than we count in them; an answer that was cut has as many as it has."""

    async def work() -> None:
        tool = {"name": "get_weather", "description": "The weather.", "parameters": {"type": "object"}}
        tools = {"tools": [{"type": "function", "function": tool}], "tool_choice": "required"}
        async with virtual_stack(Config(pace="real")) as stack:
            path, headers = "/v1/chat/completions", {"x-api-key": "any"}
            for _ in range(30):
                await stack.post(path, BODY | tools | {"model": "gpt-4.1"}, headers)
            visit = Visit(0.0, "", path, BODY | {"model": "gpt-4.1"}, headers)
            visitor = Visitor(visit, stack.gateway.app)
            task = asyncio.create_task(visitor.run())
            await visitor.first_chunk.wait()
            await asyncio.sleep(1.0)
            visitor.leave()
            await task
            line, entry = (await stack.bill()).calls[-1], stack.ledger.entries[-1]
            assert entry.usage is not None
            assert (entry.outcome, line.outcome) == ("cut", "cut")
            assert entry.usage.output == line.output > 50

    run_virtual(work)
