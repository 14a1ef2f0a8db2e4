"""Around the sending of a request: an answer that is kept is given again, and one that came is kept.

What is kept is the answer as its client got it; it serves both dialects, whole and streamed. A hit asks
nobody, reserves nothing and costs nothing; the ledger has it as answered by the provider "cache".
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING

import msgspec

from pointsman.caching.equal.key import Asked, Keys, Partition
from pointsman.caching.kept.memory import MemoryStore
from pointsman.caching.kept.stored import Stored, pack, unpack
from pointsman.caching.rules.charging import Charge
from pointsman.caching.rules.policy import CacheRules, Decision, decide, not_stored
from pointsman.caching.rules.tags import HEADER, parse_tags
from pointsman.caching.shared.answers import Found, Kept, Purge, Sharing
from pointsman.caching.shared.flights import Met
from pointsman.costs import format_usd
from pointsman.gateway.call.books import Books
from pointsman.gateway.call.call import Call
from pointsman.gateway.call.ports import Clock
from pointsman.gateway.call.respond import CACHE
from pointsman.gateway.call.values import Answer, Arrival
from pointsman.gateway.flights.flight_key import flight_key
from pointsman.gateway.flights.flights import Flights
from pointsman.gateway.flights.flying import Send
from pointsman.gateway.flights.meeting import drop

from .asking import Asking
from .cascaded import believed_key
from .giving import Giver
from .keeping import Keeper
from .key_policies import KeyPolicies
from .metrics import CacheMetrics, CachePurge, CachePurged, CacheView
from .reading import Foreign, read_cacheable
from .translated import translated_key

if TYPE_CHECKING:
    from pointsman.gateway.semantic.semantic import SemanticCache  # NumPy comes with it

TAG = HEADER.encode()
_LARGEST = 10
"""Part of the bound beyond which an answer is not even gathered."""


class AnswerCache:
    """One per gateway.

    Args:
        books: where requests are booked that were answered from here.
        patience: seconds that a request may wait for room in limits. Raises InvalidRequest.
        announces: clients of streams are told that they wait for it.
        coalesce: equal requests that come at the same time share one call.
        charge: who pays for that.
        sharing: where answers are looked for that are not in memory. Closed with the cache.
    """

    def __init__(
        self,
        rules: CacheRules,
        max_bytes: int,
        *,
        clock: Clock,
        books: Books,
        patience: Callable[[Arrival], float],
        announces: bool = False,
        coalesce: bool = True,
        charge: Charge = "first",
        sharing: Sharing | None = None,
        keys: Keys | None = None,
    ) -> None:
        self.metrics = CacheMetrics()
        self.store = MemoryStore(max_bytes, clock.monotonic)
        self._rules = rules
        self._policies = KeyPolicies()
        self._clock = clock
        self._giver = Giver(self.store, clock, books.account)
        self._keys = keys or Keys()
        self._asking = Asking()
        self._keeper = Keeper(self.store, self.metrics, clock, max_bytes // _LARGEST)
        self._sharing = sharing
        if sharing is not None:
            self._keeper.shared = sharing.answers
            sharing.answers.listen(self._forget)
        self.semantic: SemanticCache | None = None
        self.flights: Flights | None = None
        """Calls that requests share."""
        if coalesce:
            self.flights = Flights(
                most=self._keeper.most,
                charge=charge,
                books=books,
                keep=self._keeper.landed,
                patience=patience,
                announces=announces,
                clock=clock,
                sharing=sharing,
            )

    async def around(self, call: Call, send: Send) -> Answer:
        """The answer that is kept, or that of ``send``, for this request or an equal one that is under way.

        Raises:
            InvalidRequest: it names a tag that is none.
            MustWait: the call waits for room, and the client of a stream should be told.
            NotStored: there is none, and the client forbids to ask for one.
        """
        if call.cache:  # it has been looked for, before it had to wait
            return await self._ask(call, send)
        decision = self._decide(call)
        try:
            key = b"" if decision.bypass else self._key(call)
        except Foreign:
            decision = Decision(False, False, only_if_cached=decision.only_if_cached, why="foreign")
        flights = self.flights if decision.coalesce else None
        flight = b"" if decision.bypass or flights is None else flight_key(key, call)
        met: Met | None = None
        if decision.bypass:
            self.metrics.bypassed[decision.why] += 1
            call.cache = "bypass"
        else:
            keys = self._keys_of(call, key)
            found = self._found_here(keys, decision)
            joins = flights is not None and flights.joins(flight)
            if found is None and self._sharing is not None and decision.look and not joins:
                if flights is None or decision.only_if_cached or self._means(call):
                    found = await self._find_shared(call, keys, decision, self._sharing)
                else:
                    found, met = await self._find_or_meet(call, keys, decision, flights, flight)
            if found is None and self.semantic is not None and met is None:
                found = await self._find_similar(call, key, decision, self.semantic)
            if found is not None and (kept := await self._giver.give(call, found, decision.pace)):
                return kept
            call.cache = "miss"
        if decision.only_if_cached:
            raise not_stored()
        if decision.store:
            call.keep_as, call.keep_for = key, decision.ttl
        if flights is not None:
            flights.board(call, flight, send, met)
        return await self._ask(call, send)

    async def _ask(self, call: Call, send: Send) -> Answer:
        if call.rider is not None and self.flights is not None:
            answer = await self.flights.answer(call, send)
            if answer is not None:
                return answer
        return await self._keeper.watched(call, await send(call))

    def understand(self, semantic: SemanticCache) -> None:
        """Give answers to similar questions as well."""
        self.semantic = semantic
        self._keeper.learn = semantic.learn

    @property
    def compare(self) -> Callable[[bytes], Awaitable[bytes]] | None:
        """What is made of questions, from JSON to JSON; None where only equal requests share answers."""
        return None if self.semantic is None else self.semantic.compare_json

    async def close(self) -> None:
        """Give up the calls that requests share; what is to be shared of answers is, for a moment."""
        if self.flights is not None:
            await self.flights.close()
        if self._sharing is not None:
            await self._sharing.close()

    def view(self) -> CacheView:
        counted, kept, asked = self.metrics, self.store.stats(), self.metrics.tally.whole()
        return CacheView(
            entries=kept.entries,
            bytes=kept.bytes,
            max_bytes=kept.max_bytes,
            hits=asked.hits,
            misses=asked.misses,
            similar=asked.similar,
            coalesced=asked.coalesced,
            bypassed=dict(counted.bypassed),
            stored=kept.stored,
            not_stored=dict(counted.not_stored),
            rejected=kept.rejected,
            evicted=kept.evicted,
            expired=kept.expired,
            saved_usd=format_usd(asked.saved),
            lines=counted.lines(),
            semantic={} if self.semantic is None else self.semantic.view(),
            shared=None if self._sharing is None else self._sharing.view(),
        )

    async def purge(self, which: CachePurge) -> CachePurged:
        """Forget the answers that all of its conditions hold for: here, where processes share them, and in
        the memory of those."""
        asked = Purge(which.model, which.tenant, which.tag, which.older_than)
        here = self._forget(asked)
        if self._sharing is None:
            return CachePurged(here)
        there = await self._sharing.answers.purge(asked)
        trouble = "" if there is not None else self._sharing.view().trouble or "no answer"
        return CachePurged(here, there, trouble)

    # -- looking

    def _decide(self, call: Call) -> Decision:
        peek, plan, headers = call.peek, call.plan, call.arrival.headers
        assert peek is not None and plan is not None
        call.tags = parse_tags(headers.get(TAG))
        return decide(
            self._rules,
            peek.fields,
            defaults=plan.defaults,
            cache_control=headers.get(b"cache-control"),
            wish=headers.get(CACHE),
            key=self._policies.of(call.arrival.key),
        )

    def _key(self, call: Call) -> bytes:
        return self._keys.key(*self._asked(call), partial(read_cacheable, call.arrival.face))

    def _keys_of(self, call: Call, key: bytes) -> list[bytes]:
        """All under which there may be an answer for it."""
        keys = [key]
        if believed := believed_key(key, call):
            call.keep_believed_as = believed
            keys.append(believed)
        if self._asking.crosses(call):
            call.keep_translated_as = own = translated_key(key, call.arrival.face.name)
            keys.append(own)
        return keys

    def _find(self, key: bytes, decision: Decision) -> Stored | None:
        if not decision.look:
            return None
        kept = self.store.get(key)
        if kept is None:
            return None
        now = self._clock.monotonic()
        return unpack(kept.body) if decision.accepts(now - kept.stored, kept.expires - now) else None

    async def _find_similar(
        self, call: Call, key: bytes, decision: Decision, semantic: SemanticCache
    ) -> Stored | None:
        """The answer to a similar question; or to this one, if it came while vectors were waited for. An
        equal request that is under way is better than a similar one."""
        if self.flights is not None and decision.coalesce and self.flights.joins(flight_key(key, call)):
            return None
        found = await semantic.look(
            call, *self._asked(call), decision, partial(self._find, decision=decision)
        )
        return self._find(key, decision) if found is None and call.likeness is not None else found

    async def _find_or_meet(
        self, call: Call, keys: list[bytes], decision: Decision, flights: Flights, flight: bytes
    ) -> tuple[Stored | None, Met | None]:
        """The answer that another process has kept, or came here meanwhile; else who makes the call."""
        said = await flights.find_or_meet(keys, flight, call)
        if isinstance(said, Kept):
            stored = self._taken_in(call, keys[said.which], said.found, decision)
            return stored or self._found_here(keys, decision), None
        if (found := self._found_here(keys, decision)) is not None:
            drop(said)
            return found, None
        return None, said

    async def _find_shared(
        self, call: Call, keys: list[bytes], decision: Decision, sharing: Sharing
    ) -> Stored | None:
        """The answer that another process has kept, or came here meanwhile."""
        for key in keys:
            found = await sharing.answers.get(key)
            if found is not None and (stored := self._taken_in(call, key, found, decision)) is not None:
                return stored
        return self._found_here(keys, decision)

    def _found_here(self, keys: list[bytes], decision: Decision) -> Stored | None:
        return next(filter(None, (self._find(key, decision) for key in keys)), None)

    def _taken_in(self, call: Call, key: bytes, found: Found, decision: Decision) -> Stored | None:
        """An answer of another process, which is in memory from now on; None if it will not do."""
        stored = unpack(found.body)
        if stored is None or not decision.accepts(found.age, found.life):
            return None
        if self._keeper.is_purged(call, stored.model, stored.tags):
            return None
        # by the clock of this machine, for ``Age``
        at_us = call.arrival.at_us - round(found.age * 1e6)
        stored = msgspec.structs.replace(stored, stored_us=at_us, key=key)
        self.store.put(
            key,
            pack(stored),
            ttl=found.life,
            tenant=call.arrival.key.tenant,
            route=stored.model,
            tags=stored.tags,
            age=found.age,
        )
        return stored

    def _means(self, call: Call) -> bool:
        """A similar question may have the answer: that is looked for before a call is made."""
        return self.semantic is not None and call.requested in self.semantic.routes

    def _forget(self, which: Purge) -> int:
        self._keeper.purges.note(which)
        count = self.store.purge(
            tag=which.tag, tenant=which.tenant, route=which.model, older_than=which.older_than
        )
        if self.semantic is not None:
            self.semantic.prune()
        return count

    def _asked(self, call: Call) -> tuple[Partition, Asked]:
        return self._asking.asked(call, self._policies.of(call.arrival.key).own)
