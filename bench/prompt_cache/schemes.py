"""What a caller could do by itself: the same breakpoints on every request, in every way there is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import product
from typing import NamedTuple

import msgspec

from bench.prompt_cache.provider import Counts, Provider
from bench.prompt_cache.traces import Sent
from pointsman import chat
from pointsman.catalog import Model
from pointsman.dialects.anthropic_messages.dialect import ANTHROPIC_MESSAGES

PLACES = ("tools", "system", "before", "last")
"""The end of the tools, of the instructions, of the message that ended the last request, of the last one."""


class Scheme(NamedTuple):
    """A life, or "", for each of ``PLACES``."""

    tools: str
    system: str
    before: str
    last: str

    def __str__(self) -> str:
        return ", ".join(f"{name} {life}" for name, life in zip(PLACES, self, strict=True) if life) or "none"


def schemes() -> Iterator[Scheme]:
    """All that Anthropic accepts: the hour before the 5 minutes."""
    for lives in product(("", "5m", "1h"), repeat=len(PLACES)):
        marked = [life == "1h" for life in lives if life]
        if marked == sorted(marked, reverse=True):
            yield Scheme(*lives)


class Best(NamedTuple):
    usd: Decimal
    scheme: Scheme


SHARED = tuple(
    Scheme("", system, "", last) for system, last in (("", "5m"), ("5m", "5m"), ("1h", "5m"), ("1h", "1h"))
)
"""Those that are the best for some trace of agents with short pauses, and one that is better for none."""


def best(
    model: Model, conversations: Sequence[Sequence[Sent]], among: Sequence[Scheme] | None = None
) -> Best:
    """The cheapest scheme for all of them together, by trying each.

    Args:
        among: of these only.
    """
    decoded = [
        (Counts(), [(sent, ANTHROPIC_MESSAGES.decode_request(sent.body)) for sent in conversation])
        for conversation in conversations
    ]
    found: Best | None = None
    for scheme in schemes() if among is None else among:
        provider = Provider(model)
        calls = [
            (sent, marked(request, scheme), counts)
            for counts, requests in decoded
            for sent, request in requests
        ]
        for sent, request, counts in sorted(calls, key=lambda call: call[0].at):
            provider.bill(sent, request, counts)
        if found is None or provider.usd < found.usd:
            found = Best(provider.usd, scheme)
    assert found is not None
    return found


def marked(request: chat.Request, scheme: Scheme) -> chat.Request:
    tools, system, messages = request.tools, request.system, list(request.messages)
    if scheme.tools and tools:
        tools = (*tools[:-1], msgspec.structs.replace(tools[-1], cache=chat.CacheHint(scheme.tools)))
    if scheme.system and system:
        system = (*system[:-1], msgspec.structs.replace(system[-1], cache=chat.CacheHint(scheme.system)))
    users = [number for number, message in enumerate(messages) if message.role == "user"]
    if scheme.last:
        messages[users[-1]] = _marked(messages[users[-1]], scheme.last)
    if scheme.before and len(users) > 1:
        messages[users[-2]] = _marked(messages[users[-2]], scheme.before)
    return msgspec.structs.replace(request, tools=tools, system=system, messages=tuple(messages))


def _marked(message: chat.Message, life: str) -> chat.Message:
    *parts, last = message.parts
    bearing = msgspec.structs.replace(last, cache=chat.CacheHint(life))
    return msgspec.structs.replace(message, parts=(*parts, bearing))
