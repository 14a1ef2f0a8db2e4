"""Where a request goes when the first model is too small for it or fails, end to end; and what the client is
told when nothing is left."""

from __future__ import annotations

from typing import Any

import pytest

from pointsman.config import Settings
from pointsman.simulator import Config, parse_faults
from tests.support.gateway import CHAT, MESSAGES, Rig, ask
from tests.support.provider_bytes import ANTHROPIC_WHOLE, OPENAI_WHOLE, anthropic_error, openai_error
from tests.support.stack import running_stack, settings
from tests.support.upstream import Scripted
from tests.support.virtual_stack import virtual_stack
from tests.support.virtual_time import run_virtual

SMALL, LARGE, OTHER = "gpt-4o", "gpt-4.1", "claude-sonnet-5"
"""Windows of 128,000 tokens, a million, and a million."""
CLAUDE = "claude-haiku-4-5"
"""200,000 tokens."""
TOO_LONG = "word " * 300_000
WINDOWS = [(SMALL, LARGE), (SMALL, OTHER), (CLAUDE, LARGE), (CLAUDE, OTHER)]


def route(first: str, *others: str, **tables: Any) -> Settings:
    return settings(routes={"long": {"models": [first], "fallbacks": others}}, **tables)


@pytest.mark.parametrize("path", [CHAT, MESSAGES])
@pytest.mark.parametrize(("small", "large"), WINDOWS)
@pytest.mark.parametrize("stream", [False, True])
def test_a_prompt_that_is_too_long_goes_where_there_is_room(
    path: str, small: str, large: str, stream: bool
) -> None:
    async def work() -> None:
        async with virtual_stack(given=route(small, large)) as stack:
            done = await stack.post(path, ask("long", TOO_LONG, stream=stream))
            assert (done.status, done.headers["x-pointsman-model"]) == (200, large)
            (entry,) = stack.ledger.entries
            assert [attempt.model for attempt in entry.attempts] == [large], "the first was never asked"

    run_virtual(work)


SAID = {
    SMALL: openai_error(400, "This model's maximum context length is …", "context_length_exceeded"),
    CLAUDE: anthropic_error(400, "prompt is too long: 200001 tokens > 200000", "invalid_request_error"),
}


@pytest.mark.parametrize("path", [CHAT, MESSAGES])
@pytest.mark.parametrize(("small", "large"), WINDOWS)
async def test_what_a_provider_finds_too_long_goes_where_there_is_room(
    path: str, small: str, large: str
) -> None:
    good = Scripted(body=OPENAI_WHOLE if large == LARGE else ANTHROPIC_WHOLE)
    rig = Rig(SAID[small], good, given=route(small, "gpt-4o-mini", large))
    done = await rig.post(path, ask("long"))
    assert (done.status, done.headers["x-pointsman-model"]) == (200, large), "not where there is no more room"
    assert [attempt.outcome for attempt in rig.entry.attempts] == ["error", "ok"]
    assert rig.entry.attempts[0].cost == 0


@pytest.mark.parametrize("path", [CHAT, MESSAGES])
async def test_what_is_too_long_everywhere_is_told_once(path: str) -> None:
    rig = Rig(SAID[SMALL], given=route(SMALL, "gpt-4o-mini"))
    done = await rig.post(path, ask("long"))
    assert (done.status, done.headers["x-should-retry"]) == (400, "false")
    assert rig.entry.error == "context_length_exceeded"
    ours = Rig(given=route(SMALL, "gpt-4o-mini"))
    done = await ours.post(path, ask("long", TOO_LONG))
    assert (done.status, ours.transport.requests) == (400, [])


SPENT: dict[str, dict[str, Any]] = {
    "their number": {"retries": {"attempts": 1}},
    "the budget": {"retries": {"attempts": 9, "budget": 0.0, "base_delay": 0.001, "max_delay": 0.002}},
    "the time": {"timeouts": {"total": 0.2}, "retries": {"base_delay": 60.0, "max_delay": 60.0}},
}


@pytest.mark.parametrize("path", [CHAT, MESSAGES])
@pytest.mark.parametrize("what", SPENT)
def test_whatever_spends_our_retries_the_client_shall_not_add_its_own(path: str, what: str) -> None:
    async def work() -> None:
        async with virtual_stack(
            Config(faults=parse_faults("529:1.0")), given=settings(**SPENT[what])
        ) as stack:
            for _ in range(12):
                done = await stack.post(path, ask(CLAUDE))
            assert (done.status, done.headers["x-should-retry"]) == (529, "false")
            attempts = len(stack.ledger.entries[-1].attempts)
            assert attempts == 1 or what != "their number"

    run_virtual(work)


async def test_over_real_sockets() -> None:
    config = Config(faults=parse_faults(f"{CLAUDE}/529:1.0"))
    async with running_stack(config, given=route(CLAUDE, LARGE)) as stack:
        for path in (CHAT, MESSAGES):
            status, headers, _ = await stack.post(path, ask("long"))
            assert (status, headers["x-pointsman-model"], headers["x-pointsman-attempts"]) == (
                200,
                LARGE,
                "2",
            )
            status, headers, _ = await stack.post(path, ask("long", TOO_LONG, stream=True))
            assert (status, headers["x-pointsman-model"], headers["x-pointsman-attempts"]) == (
                200,
                LARGE,
                "1",
            )
