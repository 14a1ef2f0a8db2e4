"""Errands: calls to models that the gateway makes for itself. They go the whole journey, like a client's."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import msgspec

from pointsman.costs import PicoUsd, UnpricedUsage
from pointsman.dialects.base import Dialect, Peek
from pointsman.errors import PointsmanError
from pointsman.http1 import Leave
from pointsman.keys import KeyInfo, KeyLimits
from pointsman.keys.limits import MOST_WEIGHT
from pointsman.ledger.entry import Entry
from pointsman.routing.cascade.reply import Reply, reply_of
from pointsman.tokens.estimate import HIDDEN_PROMPT

from .call.ports import Clock, NewId
from .call.values import Answer, Arrival, Errand, Route
from .edge.accept import ANTHROPIC

_DROPPED = frozenset({"stream", "stream_options", "service_tier", "speed", "store", "metadata"})
"""Fields of a client's request that would make an errand dearer, or leave something behind."""


class Wanted(msgspec.Struct, frozen=True):
    """An errand that is ready to go."""

    model: str
    """As the answer shall be known."""
    body: bytes
    most: PicoUsd
    """More than this it cannot cost."""


class Done(msgspec.Struct, frozen=True):
    """What came of an errand."""

    reply: Reply | None
    """None: there was no answer, or none that can be read."""
    entry: Entry | None
    """None: it was not even begun."""

    def cost(self, most: PicoUsd) -> PicoUsd:
        """What it did cost; where that is not known, the most that it can have."""
        if self.entry is None:
            return 0
        return most if self.entry.cost is None else self.entry.cost


class Errands:
    """
    Args:
        run: the journey.
    """

    def __init__(self, run: Callable[[Arrival], Awaitable[Answer]], new_id: NewId, clock: Clock) -> None:
        self._run = run
        self._new_id = new_id
        self._clock = clock

    async def go(self, face: Dialect, wanted: Wanted, requested: str, key: KeyInfo) -> Done:
        """Never raises on a failing provider: then there is no reply."""
        settled: list[Entry] = []
        answered = await self.send(face, wanted.body, Errand(requested, settled.append), key)
        reply = None if answered is None else read_reply(face, answered, wanted.model)
        return Done(reply, settled[0] if settled else None)

    async def send(self, face: Dialect, body: bytes, errand: Errand, key: KeyInfo) -> bytes | None:
        """The body of the answer; None where there is none. Never raises on a failing provider."""
        answer = await self._run(
            Arrival(
                request_id=self._new_id(),
                at_us=self._clock.now_us(),
                started=self._clock.monotonic(),
                face=face,
                headers={},
                body=body,
                key=key,
                leave=Leave(),
                errand=errand,
            )
        )
        return answer.body if answer.status == 200 and isinstance(answer.body, bytes) else None


def read_reply(face: Dialect, body: bytes, model: str) -> Reply | None:
    """None where it cannot be read."""
    try:
        return reply_of(face.decode_response(body), model)
    except PointsmanError:
        return None


def errand_key(name: str, tenant: str, *, priority: int, max_wait: float) -> KeyInfo:
    """Whose errands are: the tenant's, and no key's, so that they take nothing from the limits of one. In the
    queue they have the least weight that there is, so that clients come first."""
    limits = KeyLimits(max_wait=max_wait, weight=1 / MOST_WEIGHT, priority=priority)
    return KeyInfo(id="shadow", name=name, tenant=tenant, limits=limits)


def errand_body(peek: Peek, face: Dialect, model: str, max_output: int) -> bytes:
    """A client's request once more: for another model, as one piece, with a cap on its answer."""
    fields: dict[str, Any] = {name: raw for name, raw in peek.fields.items() if name not in _DROPPED}
    fields["model"] = model
    for name in ("max_tokens", "max_completion_tokens"):
        fields.pop(name, None)
    fields["max_tokens" if face is ANTHROPIC or "max_tokens" in peek.fields else "max_completion_tokens"] = (
        max_output
    )
    return msgspec.json.encode(fields)


def most_cost(route: Route, body: bytes, max_output: int, at_us: int) -> PicoUsd | None:
    """More than this a call with that body cannot cost: no token of text is shorter than a byte. None where a
    price is not known. Pictures and documents, which an address can stand for, must not be in it."""
    if route.pricer is None:
        return None
    try:
        return route.pricer.worst_case(len(body) + HIDDEN_PROMPT, max_output, at_us)
    except UnpricedUsage:
        return None


def output_cap(asked: int | None, defaults: Mapping[str, Any], route: Route, like: int) -> int:
    """Tokens that an answer may have.

    Args:
        asked: by the client; with ``defaults``, of a preset, where it says nothing.
        like: tokens of the answer that the client had: where nobody set a cap, four times as many are
            enough, and 1,024 in any case.
    """
    theirs = asked if asked is not None else defaults.get("max_output")
    cap = max(1024, 4 * like) if theirs is None else int(theirs)
    most = None if route.model is None else route.model.max_output
    return cap if most is None else min(cap, most)
