"""What was saved otherwise than by routing: by answers that were given again, and by prompt caches. Pure.

Each dollar is counted once. An answer that is given again saves what it had cost, which routing and the
provider's prompt cache had made cheap already; and those two are counted where the provider was really asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal, get_args

import msgspec

from pointsman.catalog import Catalog
from pointsman.costs import PicoUsd, Pricer, UnpricedUsage
from pointsman.costs.prompt_cache import earned
from pointsman.costs.savings import Identify
from pointsman.ledger import CACHE, Attempt, Entry, is_hit

Capability = Literal["hits", "similar", "shared", "replays", "autopilot", "own marks", "unasked"]
CAPABILITIES: tuple[Capability, ...] = get_args(Capability)
"""hits: kept from an equal request; similar: from one that means the same. shared: while it was under way.
replays: of the same request, under its idempotency key. autopilot: a prompt cache, by marks that we placed;
own marks: by those of callers. unasked: by providers that keep without being asked, as OpenAI, Gemini and
DeepSeek do."""
_ASKED = "anthropic"
"""Whose models keep what is marked, and nothing else."""

EMBEDDED = "embed:"
"""So begins what the ledger calls our own requests for vectors; behind it is whose questions are compared."""

_BY_WORD: dict[str, Capability] = {
    "hit": "hits",
    "similar": "similar",
    "coalesced": "shared",
    "replay": "replays",
    "miss": "shared",  # who asked, where all who got the answer bear a part of its cost
}


class Spared(msgspec.Struct):
    """Of one capability."""

    count: int = 0
    """Requests; of prompt caches, calls to providers."""
    saved: PicoUsd = 0
    """As far as known. Below 0 where more was written to a prompt cache than was read from it yet."""
    unknown: int = 0
    """Of those that were counted, the ones whose saving is not known."""

    def add(self, saved: PicoUsd | None, count: int = 1) -> None:
        self.count += count
        if saved is None:
            self.unknown += 1
        else:
            self.saved += saved

    def join(self, other: Spared) -> None:
        self.count += other.count
        self.saved += other.saved
        self.unknown += other.unknown


class Prices:
    """What prompt caches earn, by the prices of the catalog."""

    def __init__(self, catalog: Catalog, identify: Identify) -> None:
        self._catalog = catalog
        self._identify = identify
        self._known: dict[tuple[str, str], tuple[Pricer | None, bool]] = {}

    def earned(self, attempt: Attempt, at_us: int) -> PicoUsd | None:
        """None: not known."""
        if attempt.usage is None or attempt.cost is None:
            return None
        pricer = self._of(attempt)[0]
        try:
            return None if pricer is None else earned(attempt.usage, pricer, at_us)
        except UnpricedUsage:
            return None

    def whose(self, attempt: Attempt) -> Capability:
        """Who had the provider keep the prompt."""
        if attempt.breakpoints:
            return "autopilot"
        return "unasked" if self._of(attempt)[1] else "own marks"

    def _of(self, attempt: Attempt) -> tuple[Pricer | None, bool]:
        """What a model costs, and whether it keeps prompts unasked."""
        asked = (attempt.provider, attempt.model)
        found = self._known.get(asked)
        if found is None:
            model = self._catalog.resolve(self._identify(*asked))
            found = (None, False) if model is None else (Pricer(model), model.provider != _ASKED)
            self._known[asked] = found
        return found


def spared(entry: Entry, prices: Prices) -> Iterator[tuple[Capability, PicoUsd | None, int]]:
    """What it was spared: by which capability, how much (None: not known), and how many that counts."""
    if entry.requested.startswith(EMBEDDED):  # what it takes to find what means the same
        yield "similar", None if entry.cost is None else -entry.cost, 0
    capability = _BY_WORD.get(entry.cache)
    if capability is not None and (entry.provider == CACHE or entry.saved):
        yield capability, entry.saved, int(is_hit(entry))
    for attempt in entry.attempts:
        usage = attempt.usage
        if usage is not None and (usage.cache_read or usage.cache_write):
            yield prices.whose(attempt), prices.earned(attempt, entry.at_us), 1


def joined(rows: Iterable[dict[Capability, Spared]]) -> dict[Capability, Spared]:
    """The sum of all, in the order of :data:`CAPABILITIES`, of those that there are."""
    sums: dict[Capability, Spared] = {}
    for row in rows:
        for capability, part in row.items():
            sums.setdefault(capability, Spared()).join(part)
    return {capability: sums[capability] for capability in CAPABILITIES if capability in sums}
