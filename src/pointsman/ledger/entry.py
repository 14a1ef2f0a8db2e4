"""What the ledger keeps of each request, and of each call to a provider that it took."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

import msgspec

from pointsman.chat import Usage
from pointsman.costs import PicoUsd

OUTCOMES = ("ok", "error", "cut", "broken")
"""ok: a whole answer. error: none at all. cut: the client left before the end. broken: it ended too early."""

FAILED = ("error", "broken")
"""Those that are errors of a report; a client that left is none."""

CACHE = "cache"
"""In the place of a provider: the answer is that of another request, and nobody was asked for this one. No
provider can be named so."""

PART, REPLAY = "part", "replay"
CACHED = ("", "hit", "similar", "coalesced", REPLAY, "miss", "bypass", PART)
"""What a cache did for a request. "": there is none. hit: the answer was kept from an equal request; similar:
from one that means the same. coalesced: an equal request was under way, and its answer was shared. replay: it
was the same request under the same idempotency key, once more. miss: it was looked for in vain. bypass: it
was not looked for. part: no request, but what one at another gateway pays of a call that was made here; its
id is that of the request and, behind a dot, that of the call's.
"""

ANSWERED_FROM = frozenset(CACHED[1:5])
"""Those that have :data:`CACHE` for a provider."""


class Attempt(msgspec.Struct, frozen=True, gc=False):
    """One call to a provider: what its invoice should show one line for."""

    number: int
    """From 1. Sent to the provider as ``x-client-request-id: <request id>-<number>``."""
    provider: str
    model: str
    """The name that was sent to the provider."""
    status: int
    """HTTP status of the provider; 0 where no answer came."""
    outcome: str
    usage: Usage | None
    """None: not known (and then the cost is not known either, unless nothing can have been billed)."""
    estimated: bool
    """The usage is our estimate, because the provider did not come to report it."""
    cost: PicoUsd | None
    """None: unknown, which is not 0."""
    latency_us: int
    upstream_id: str = ""
    error: str = ""
    breakpoints: int = 0
    """Marks for the provider's prompt cache that we placed, not the caller."""


class Entry(msgspec.Struct, frozen=True, gc=False):
    """One request of a client, settled."""

    request_id: str
    at_us: int
    """When it arrived: microseconds of Unix time, UTC."""
    key_id: str
    """"" where no key is configured."""
    key_name: str
    tenant: str
    face: str
    """Dialect of the client."""
    requested: str
    """The model as the client named it."""
    model: str
    """The catalog's id of the model that answered; "" if none did."""
    provider: str
    stream: bool
    status: int
    """HTTP status that the client got (or would have got, had it stayed)."""
    outcome: str
    error: str
    """Code of the error, or ""."""
    usage: Usage | None
    """Sum over the attempts, as far as known."""
    estimated: bool
    cost: PicoUsd | None
    """Sum over the attempts; None if one that may have been billed is unknown."""
    ttft_us: int | None
    """Time from arrival to the first byte of the answer to the client; None if there was none."""
    latency_us: int
    attempts: tuple[Attempt, ...]
    queued_us: int = 0
    """Of the latency: how long it waited for room in limits."""
    cache: str = ""
    """One of :data:`CACHED`."""
    source: str = ""
    """The id of the request whose answer was given, where that is another one."""
    saved: PicoUsd | None = 0
    """What that answer had cost, less what this request was charged; None: not known."""


def is_hit(entry: Entry) -> bool:
    """It was given the answer of another request, and that was one: who shares an error has no answer."""
    return entry.provider == CACHE and entry.cache != PART and entry.outcome not in FAILED


def as_if_alone(entry: Entry) -> Entry | None:
    """The request as it would be in the books, had no other one got its answer; None: it asked nobody."""
    if entry.provider == CACHE:
        return None
    if entry.saved and entry.cost is not None:
        return msgspec.structs.replace(entry, cost=entry.cost + entry.saved, saved=0)
    return entry


class UsageRow(msgspec.Struct, frozen=True):
    """One line of a usage report. ``group`` holds the values of the columns grouped by."""

    group: Mapping[str, str]
    requests: int
    errors: int
    """Outcomes "error" and "broken"; a client that left is none."""
    attempts: int
    input: int
    """All prompt tokens, cached or not."""
    cached: int
    """Those of ``input`` that the provider read from its cache."""
    output: int
    cost: PicoUsd
    unpriced: int
    """Requests whose cost is not known, and so not in ``cost``."""
    estimated: int
    """Requests whose usage is an estimate."""
    hits: int = 0
    """Requests that were given the answer of another one: from the cache, while it was under way, or since
    they were the same under an idempotency key. None of ``errors``: an error that is shared is no hit."""


class Ledger(Protocol):
    """Where entries go. ``record`` never waits; entries are committed in groups behind it."""

    def record(self, entry: Entry) -> None: ...

    def record_all(self, entries: Sequence[Entry]) -> None:
        """The same for several, of which all are committed at once, or none is."""
        ...

    @property
    def full(self) -> bool:
        """So much waits to be committed that new requests are to be refused."""
        ...

    async def find(self, request_id: str) -> Entry | None:
        """The entry, committed or not yet."""
        ...

    async def flush(self) -> None:
        """Return when everything recorded so far is committed."""
        ...

    async def close(self) -> None:
        """Flush and let go of the store."""
        ...
