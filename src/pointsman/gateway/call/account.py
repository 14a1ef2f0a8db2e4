"""Account: from what happened to the entry that the ledger keeps. Pure."""

from __future__ import annotations

from math import ceil
from typing import Protocol

import msgspec

from pointsman.chat import Usage
from pointsman.costs import PicoUsd, UnpricedUsage
from pointsman.dialects.base import Delivered
from pointsman.errors import PointsmanError, RequestError, UpstreamTimeout, UpstreamUnreachable
from pointsman.gateway.stream.pipes import Pipe
from pointsman.ledger.entry import ANSWERED_FROM, CACHE, Attempt, Entry

from .passage import Passage
from .values import Arrival, Route


class Watch(Protocol):
    """Whoever has to know what came of an attempt."""

    def settled(self, record: AttemptRecord) -> None:
        """Its usage and cost are known, as far as they will be. Once for each attempt."""
        ...


class AttemptRecord(msgspec.Struct, eq=False):
    """One call to a provider while it is under way. ``settle`` closes it, ``freeze`` makes an
    :class:`Attempt` of it."""

    __repr__ = object.__repr__  # msgspec's would show the prompt

    number: int
    route: Route
    started: float
    sent_body: bytes
    sent_headers: tuple[tuple[str, str], ...] = ()
    """Those that the body depends on."""
    dropped: tuple[str, ...] = ()
    """Fields of the request that could not cross."""
    crosses: bool = False
    """The provider speaks another dialect than the client."""
    passage: Passage | None = None
    """What it holds of limits; None where nothing is limited or watched."""
    status: int = 0
    outcome: str = ""
    usage: Usage | None = None
    estimated: bool = False
    cost: PicoUsd | None = None
    latency_us: int = 0
    upstream_id: str = ""
    error: str = ""
    pipe: Pipe | None = None
    """Where the answer is a stream: what it goes through."""
    first_at: float | None = None
    """When the answer's head was there."""
    breakpoints: int = 0
    """Marks for the provider's prompt cache in the body that are ours."""
    prompt_cache: bytes = b""
    """What was done for the provider's prompt cache and why, for the caller; empty where nothing is."""
    watch: Watch | None = None

    def settle(
        self, outcome: str, usage: Usage | None, at_us: int, now: float, *, estimated: bool = False
    ) -> None:
        """Close the record: what it used, and so what it cost."""
        self.outcome = outcome
        self.usage = usage
        self.estimated = estimated
        self.cost = cost_of(self.route, usage, at_us)
        self.latency_us = round((now - self.started) * 1e6)
        if self.watch is not None:
            self.watch.settled(self)

    def freeze(self) -> Attempt:
        route = self.route
        return Attempt(  # in the order of its fields
            self.number,
            route.provider.name,
            route.upstream_model,
            self.status,
            self.outcome,
            self.usage,
            self.estimated,
            self.cost,
            self.latency_us,
            self.upstream_id,
            self.error,
            self.breakpoints,
        )


def may_be_billed(error: PointsmanError, status: int) -> bool:
    """Whether a provider may charge for an attempt that failed with ``error``."""
    if status >= 400 or (isinstance(error, RequestError) and not status):
        return False  # it said no, or it was never asked
    if isinstance(error, UpstreamUnreachable | UpstreamTimeout):
        return error.sent
    return True


def cost_of(route: Route, usage: Usage | None, at_us: int) -> PicoUsd | None:
    """Exact cost; None where usage or price is unknown. Usage of zero tokens costs nothing anywhere."""
    if usage is None:
        return None
    if route.pricer is not None:
        try:
            return route.pricer.price(usage, at_us)
        except UnpricedUsage:
            pass
    return None if usage.total else 0


GENERATED_AT_ONCE = 4096
TOKENS_PER_SECOND = 500
"""Upper bounds of what a provider generates before anything of it is seen: so much in a burst, and then at
most at this pace, since no model behind an API is faster."""
NOTICE_SECONDS = 1.0
NOTICE_TOKENS = 8
"""How long a provider goes on before it notices that nobody listens: a round trip and a buffer or two."""


def unseen_whole(elapsed: float) -> int:
    """Upper bound of the output of a whole answer that has not come ``elapsed`` seconds after the request."""
    return GENERATED_AT_ONCE + ceil(elapsed * TOKENS_PER_SECOND)


def unseen_stream(delivered: int, streamed_for: float, *, lost: bool) -> int:
    """Upper bound of the tokens of a stream that were generated and never seen.

    Args:
        delivered: tokens that were seen, within ``streamed_for`` seconds.
        lost: the connection was reset, so that what had been sent can be gone; otherwise we closed it, and
            only what was generated until the provider noticed is missing.
    """
    if delivered:
        pace = delivered / max(streamed_for, 0.001)
    else:
        pace = float(GENERATED_AT_ONCE if lost else TOKENS_PER_SECOND)
    return NOTICE_TOKENS + ceil(pace * NOTICE_SECONDS)


def cut_usage(prompt_upper: int, delivered: Delivered | None, in_flight: int) -> Usage:
    """What a call that was cut must be booked with: never below what the provider bills.

    Args:
        prompt_upper: upper estimate of the prompt's tokens, used where the provider had not told them.
        delivered: what of the answer had gone by.
        in_flight: upper bound of output tokens that were generated and that we did not see.
    """
    output = in_flight + (0 if delivered is None else delivered.output_tokens)
    known = None if delivered is None else delivered.usage
    if known is None:
        return Usage(input=prompt_upper, output=output)
    return Usage(
        input=known.input,
        output=max(output, known.output),
        cache_read=known.cache_read,
        cache_write_5m=known.cache_write_5m,
        cache_write_30m=known.cache_write_30m,
        cache_write_1h=known.cache_write_1h,
        cache_write_12h=known.cache_write_12h,
        tier=known.tier,
    )


def make_entry(
    arrival: Arrival,
    *,
    requested: str,
    stream: bool,
    attempts: tuple[Attempt, ...],
    route: Route | None,
    status: int,
    outcome: str,
    error: str,
    ttft: float | None,
    now: float,
    queued_us: int = 0,
    cache: str = "",
    source: str = "",
    saved: PicoUsd | None = 0,
    answered: str = "",
) -> Entry:
    """The settled request: usage and cost are sums over its attempts. What came from the cache took none.

    Args:
        answered: the model that did, where it is not that of ``route``.
    """
    usage, cost, estimated = _sum(attempts)
    key, started = arrival.key, arrival.started
    model, provider = ("", "") if route is None else (route.name, route.provider.name)
    if cache in ANSWERED_FROM:
        provider = CACHE
    return Entry(  # in the order of its fields
        arrival.request_id,
        arrival.at_us,
        key.id,
        key.name,
        key.tenant,
        arrival.face.name,
        requested,
        answered or model,
        provider,
        stream,
        status,
        outcome,
        error,
        usage,
        estimated,
        cost,
        None if ttft is None else round((ttft - started) * 1e6),
        round((now - started) * 1e6),
        attempts,
        queued_us,
        cache,
        source,
        saved,
    )


def _sum(attempts: tuple[Attempt, ...]) -> tuple[Usage | None, PicoUsd | None, bool]:
    if len(attempts) == 1:
        only = attempts[0]
        return only.usage, only.cost, only.estimated
    usage: Usage | None = Usage() if not attempts else None
    cost: PicoUsd | None = 0
    for attempt in attempts:
        if attempt.usage is not None:
            usage = attempt.usage if usage is None else usage + attempt.usage
        cost = None if cost is None or attempt.cost is None else cost + attempt.cost
    return usage, cost, any(attempt.estimated for attempt in attempts)
