"""What the answer cache has done, for people and for metrics. Plain numbers."""

from __future__ import annotations

from collections import Counter

import msgspec

from pointsman.caching.kept.tally import Tally
from pointsman.caching.rules.tags import parse_tags
from pointsman.caching.shared.answers import SharedView
from pointsman.costs import format_usd
from pointsman.errors import InvalidRequest
from pointsman.gateway.semantic.metrics import SemanticView
from pointsman.ledger.entry import FAILED, Entry


class CacheLine(msgspec.Struct, frozen=True):
    """What the cache did for the requests of one key that went one route."""

    key: str
    """Its name; "" where there are no keys."""
    route: str
    """``auto:NAME`` where that chose the model, else the model."""
    hits: int = 0
    similar: int = 0
    coalesced: int = 0
    misses: int = 0
    bypassed: int = 0
    saved_usd: str = "0"
    unpriced: int = 0
    """Answers given again whose cost is not known: they are not in what was saved."""
    replayed: int = 0
    """Requests repeated under their idempotency key. They do not come by the cache, and are in no rate."""


class CacheView(msgspec.Struct, frozen=True):
    """The cache of one process, since that began."""

    entries: int
    bytes: int
    """All of it: entries and tables."""
    max_bytes: int
    hits: int
    """Settled requests that were given an answer kept for an equal one, by this process or another."""
    misses: int
    """Those for which a call was made, or was to be: they share no answer, from here or from elsewhere."""
    bypassed: dict[str, int]
    """Requests that passed by it, by reason; counted as they come, so also before they are settled."""
    stored: int
    not_stored: dict[str, int]
    """Answers to misses that may not be given again, by reason."""
    rejected: int
    """Not admitted, since what they would have pushed out was asked for more."""
    evicted: int
    expired: int
    saved_usd: str
    """What the answers that were given again or shared had cost when they were made, less what was charged
    for that, as far as it is known."""
    lines: tuple[CacheLine, ...] = ()
    """By key and route, of requests that are settled."""
    semantic: dict[str, SemanticView] = {}
    """By route: answers to questions that were asked in other words."""
    shared: SharedView | None = None
    """Where replicas share answers; None: they do not. Its counts are of look-ups, not of requests."""
    similar: int = 0
    """Settled requests that were given the answer to one that means the same."""
    coalesced: int = 0
    """Those that shared the answer to one that was under way, here or at another process."""


class CachePurge(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which answers are to be forgotten: those that all of it holds for."""

    model: str | None = None
    """The catalog's name of the one that answered."""
    tenant: str | None = None
    older_than: float | None = None
    """Seconds since it was stored."""
    tag: str | None = None
    """One of those that the request which paid for it had given it."""
    all: bool = False
    """To be said where nothing else is."""

    def checked(self) -> CachePurge:
        """With its tag as it is kept.

        Raises:
            InvalidRequest: it would forget everything, and does not say so, or says both; or the tag is
                none, or a name is empty, as it is where a script's variable is.
        """
        for name, value in (("model", self.model), ("tenant", self.tenant), ("tag", self.tag)):
            if value is not None and not value.strip():
                raise InvalidRequest(f"The {name} is empty. Leave it out if it does not matter.", param=name)
        conditions = {
            "model": self.model,
            "tenant": self.tenant,
            "older than": self.older_than,
            "tag": self.tag,
        }
        named = [name for name, value in conditions.items() if value is not None]
        if named and self.all:
            raise InvalidRequest(
                f"All answers and only some of them ({', '.join(named)}) is a contradiction: leave out one of"
                " the two.",
                param="all",
            )
        if not named and not self.all:
            raise InvalidRequest(
                "Say which answers to forget, by tag, tenant, model or age; or that it is all of them."
            )
        if self.tag is None:
            return self
        tags = parse_tags(self.tag, param="tag")
        if len(tags) != 1:
            raise InvalidRequest("Name one tag.", param="tag")
        return msgspec.structs.replace(self, tag=tags[0])


class CachePurged(msgspec.Struct, frozen=True, omit_defaults=True):
    purged: int
    """In the memory of this process."""
    shared: int | None = None
    """Where replicas share them; None: they do not, or it did not answer."""
    trouble: str = ""
    """Why that was not forgotten; "" for nothing."""


class CacheMetrics:
    def __init__(self) -> None:
        self.bypassed: Counter[str] = Counter()
        self.not_stored: Counter[str] = Counter()
        self.tally = Tally()
        """Of what became of requests, all counts are here: each once, when it is settled."""

    def observe(self, entry: Entry, route: str | None) -> None:
        """Count a settled request that came by the cache, or was answered before it would have.

        Args:
            route: NAME of the ``[auto.NAME]`` that chose its model.
        """
        named = f"auto:{route}" if route else entry.model
        if entry.cache == "coalesced" and entry.outcome in FAILED:  # it shared an error: no hit and no miss
            self.tally.take(entry.key_name, named, "", entry.saved or 0)
            return
        self.tally.take(entry.key_name, named, entry.cache, entry.saved)

    def lines(self) -> tuple[CacheLine, ...]:
        return tuple(
            CacheLine(
                key,
                route,
                line.hits,
                line.similar,
                line.coalesced,
                line.misses,
                line.bypassed,
                format_usd(line.saved),
                line.unpriced,
                line.replayed,
            )
            for (key, route), line in self.tally.lines().items()
        )
