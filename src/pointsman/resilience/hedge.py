"""When to send a second request because the first is slow ("hedging").

J. Dean, L. Barroso, "The Tail at Scale" (CACM 2013): defer the second until the first has been under way for
longer than the 95th percentile, which bounds the extra load at about 5 %. Both may be billed, so it is
opt-in, and a share bounds it even where all is slow at once, when every request looks like the tail.
"""

from __future__ import annotations

import msgspec

from .budget import BudgetPolicy, RetryBudget
from .latency import Latency


class HedgePolicy(msgspec.Struct, frozen=True):
    """Times in seconds."""

    quantile: float = 0.95
    samples: float = 50.0
    """Fewer recent samples than this tell nothing about a tail."""
    share: float = 0.05
    """Hedges at the most, as a share of requests."""
    least: float = 0.1
    """Never sooner than this, however quick the deployment is."""


def hedge_budget(policy: HedgePolicy, now: float) -> RetryBudget:
    """What holds hedges to their share: no reserve, and not more than ten saved up."""
    return RetryBudget(BudgetPolicy(share=policy.share, reserve=0.0, most=10.0), now)


def hedge_after(
    latency: Latency,
    policy: HedgePolicy,
    *,
    hedges_left: bool,
    retries_left: bool,
    repeatable: bool,
    others: bool,
) -> float | None:
    """Seconds of silence after which a second request is sent; None: not for this request.

    Args:
        latency: times to first token of the deployment that the first request goes to.
        hedges_left: the hedge budget has room.
        retries_left: the retry budget of the second one's provider has room.
        repeatable: to do it twice does nothing but cost (no stored response, no server-side tool).
        others: there is a healthy deployment for the second one.

    It is asked for before the first byte; once one has been forwarded there is nothing to hedge.
    """
    if not (repeatable and others and hedges_left and retries_left) or latency.count < policy.samples:
        return None
    slow = latency.quantile(policy.quantile)
    return None if slow is None else max(policy.least, slow)
