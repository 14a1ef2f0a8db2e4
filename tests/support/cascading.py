"""A cascade before simulated providers that answer as recorded."""

from __future__ import annotations

import asyncio
from typing import Any

from pointsman.config import Settings
from pointsman.costs import parse_usd
from pointsman.dialects import get_dialect
from pointsman.http1 import iter_events
from pointsman.ledger.entry import Entry
from pointsman.simulator.replay import Recorded, Replay
from tests.support.gateway import CHAT, MESSAGES, ask
from tests.support.stack import settings
from tests.support.virtual_stack import VirtualStack

FIRST, SECOND, BASE = "claude-haiku-4-5", "gpt-4o-mini", "claude-sonnet-4-5"
HOMES = {FIRST: "anthropic", SECOND: "openai", BASE: "anthropic"}
WAYS = [(path, stream) for path in (CHAT, MESSAGES) for stream in (False, True)]
SAME, OTHER, CHEAP_ONE = "two and two", "seven times eight", "say something"
RECORDED = Replay(
    {
        SAME: {
            FIRST: Recorded('Well.\n```json\n{"answer": "4"}\n```'),
            SECOND: Recorded('{"answer": 4.0}'),
            BASE: Recorded("It is 4."),
        },
        OTHER: {
            FIRST: Recorded('{"answer": "54"}'),
            SECOND: Recorded('{"answer": "56"}'),
            BASE: Recorded("It is 56."),
        },
    }
)


def cascade(accept: str = "agreement", **more: Any) -> Settings:
    route = {
        "policy": "cascade",
        "pool": [FIRST, SECOND, BASE],
        "cascade": {"accept": accept, "certified": False} | more.pop("cascade", {}),
        "grader": {"extract": "json:answer"},
    }
    return settings(auto={"x": route | more.pop("auto", {})}, **more)


def request(path: str, prompt: str = SAME, *, stream: bool = False, **more: Any) -> dict[str, Any]:
    return ask("auto:x", stream=stream) | {"messages": [{"role": "user", "content": prompt}]} | more


def text_of(path: str, stream: bool, body: bytes) -> str:
    """As a client of that dialect reads it."""
    dialect = get_dialect("openai_chat" if path == CHAT else "anthropic_messages")
    if not stream:
        return "".join(getattr(part, "text", "") for part in dialect.decode_response(body).parts)
    decoder = dialect.stream_decoder()
    events = [event for name, data in iter_events(body) for event in decoder.feed(name, data)]
    assert decoder.ended
    return "".join(getattr(event, "text", "") for event in events)


def only(stack: VirtualStack) -> Entry:
    (entry,) = stack.ledger.entries
    return entry


async def nothing_left(stack: VirtualStack) -> None:
    """Nothing is held, nothing runs; what is booked is the sum of the attempts and no less than is billed."""
    await asyncio.sleep(1.0)
    health, now = stack.gateway.flow.health, stack.clock.monotonic()
    for name, provider in HOMES.items():
        assert health.deployment(f"{provider}/{name}", provider, now).in_flight == 0
    view = await stack.gateway.overview.limits()
    assert [row.id for row in view.limits if row.held] == []
    bill = await stack.bill()
    assert bill.in_flight == 0
    assert asyncio.all_tasks() == {asyncio.current_task()}
    ours = {
        f"{entry.request_id}-{attempt.number}": attempt
        for entry in stack.ledger.entries
        for attempt in entry.attempts
    }
    assert {line.client_request_id for line in bill.calls} <= set(ours)
    for line in bill.calls:
        attempt = ours[line.client_request_id]
        assert attempt.cost is not None and attempt.cost >= parse_usd(line.usd)
        if line.usage_reported and not attempt.estimated:
            assert attempt.cost == parse_usd(line.usd)
    for entry in stack.ledger.entries:
        assert entry.cost == sum(attempt.cost or 0 for attempt in entry.attempts)
        assert [attempt.number for attempt in entry.attempts] == list(range(1, len(entry.attempts) + 1))


def sent_to(entry: Entry) -> list[tuple[str, str]]:
    """Whom, and how it went."""
    return [
        (next(name for name in HOMES if attempt.model.startswith(name)), attempt.outcome)
        for attempt in entry.attempts
    ]
