"""Requests that were routed between a small and a large model, as the ledger has them."""

from __future__ import annotations

from pointsman.catalog import load_catalog
from pointsman.chat import Usage
from pointsman.costs import Pricer
from pointsman.ledger import Attempt, Entry
from tests.support.ledger_entries import NOON_US, an_attempt, an_entry

SMALL, LARGE = "claude-haiku-4-5", "claude-opus-5-5"
"""At $1 and $5, and at $4 and $20 per million tokens."""

_CATALOG = load_catalog()


def a_call(model: str, tokens_in: int = 1000, tokens_out: int = 100, number: int = 1) -> Attempt:
    """At the model's price; 1,000 and 100 tokens are $0.0015 on the small one and $0.006 on the large one."""
    known = _CATALOG.resolve(model)
    assert known is not None
    usage = Usage(input=tokens_in, output=tokens_out)
    return an_attempt(
        number=number,
        provider=known.provider,
        model=model,
        usage=usage,
        cost=Pricer(known).price(usage, NOON_US),
    )


def a_routed(request_id: str, *models: str, requested: str = "auto", **changes: object) -> Entry:
    """A request that these models were tried for, one after the other; the last one answered."""
    attempts = tuple(a_call(model, number=number) for number, model in enumerate(models, 1))
    usage = attempts[0].usage or Usage()
    for attempt in attempts[1:]:
        usage = usage + (attempt.usage or Usage())
    given: dict[str, object] = {
        "requested": requested,
        "model": models[-1],
        "provider": attempts[-1].provider,
        "attempts": attempts,
        "usage": usage,
        "cost": sum(attempt.cost or 0 for attempt in attempts),
    }
    return an_entry(request_id, **(given | changes))


def failed(request_id: str, requested: str = "auto") -> Entry:
    """No model answered."""
    return an_entry(
        request_id,
        requested=requested,
        model="",
        provider="",
        outcome="error",
        cost=0,
        usage=None,
        attempts=(),
    )
