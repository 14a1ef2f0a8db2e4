"""The semantic cache: a question that nobody asked in these words may be given the answer to another one.

Only the words of the last turn may differ; everything else of the request, its tenant first, is compared by
digest (``caching/semantic/asked.py``). Of the questions that are close enough, the closest that every guard
lets through is taken. Answers lie in the answer cache: what is purged or expires there is gone here too.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Protocol

import msgspec

from pointsman.caching.equal.key import Asked, Partition
from pointsman.caching.kept.stored import Stored
from pointsman.caching.rules.policy import Decision
from pointsman.caching.semantic.asked import Likeness, Unfit, may_answer_others, question_of
from pointsman.caching.semantic.certificate import SemanticCertificate, why_not
from pointsman.caching.semantic.explained import Compare, Compared, explain
from pointsman.caching.semantic.guards import GUARDS, agree, refusals, traits
from pointsman.caching.semantic.index import Index, Known, Near, closest
from pointsman.chat import Response
from pointsman.dialects.wholly import read_wholly
from pointsman.errors import InvalidRequest, NotFound
from pointsman.gateway.call.call import Call
from pointsman.gateway.call.ports import Clock
from pointsman.gateway.edge.faces import NOBODY
from pointsman.gateway.turns import let_others_run
from pointsman.keys import KeyInfo

from .metrics import Match, SemanticMetrics, SemanticView

_LOOKED_AT = 16
"""Questions that are close enough, of which the guards see so many."""
_EXPLAINED = 4096
"""Hits of which is known why."""
_PRUNED = 4
"""Questions that are looked at for each new one, whether their answers are still there."""
Find = Callable[[bytes], Stored | None]


class Vectors(Protocol):
    @property
    def identity(self) -> str:
        """What they are from. A certificate holds for one identity."""
        ...

    @property
    def remote(self) -> bool:
        """Somebody else is asked for them."""
        ...

    async def of(
        self, texts: Sequence[str], key: KeyInfo, *, patient: bool = False
    ) -> list[list[float]] | None:
        """Of length 1; None if there are none in time.

        Args:
            patient: nobody waits for an answer to a request meanwhile.
        """
        ...


class LocalVectors:
    """Worked out here."""

    remote = False

    def __init__(self, identity: str, vector: Callable[[str], list[float]]) -> None:
        self.identity = identity
        self._vector = vector

    async def of(self, texts: Sequence[str], key: KeyInfo, *, patient: bool = False) -> list[list[float]]:
        return [self._vector(text) for text in texts]


class SemanticRoute:
    """
    Args:
        certificate: None where there is none.
        trouble: why there is none, as half a sentence.
        synonyms: one word of weight may stand in the place of another.
        max_age: seconds.
    """

    def __init__(
        self,
        name: str,
        vectors: Vectors,
        certificate: SemanticCertificate | None,
        *,
        trouble: str = "",
        synonyms: bool = False,
        max_age: float | None = None,
        max_bytes: int = 32 << 20,
    ) -> None:
        self.name = name
        self.vectors = vectors
        self.certificate = certificate
        self.synonyms = synonyms
        self.max_age = max_age
        self.max_bytes = max_bytes
        self.index = Index(max_bytes)
        self.metrics = SemanticMetrics()
        self._trouble = trouble

    def why_off(self, now_us: int) -> str:
        """Half a sentence; "" where it is on."""
        if self.certificate is None:
            return self._trouble or "it has no certificate"
        now = datetime.fromtimestamp(now_us / 1e6, UTC)
        why = why_not(
            self.certificate,
            route=self.name,
            vectors=self.vectors.identity,
            synonyms=self.synonyms,
            now=now,
        )
        return f"its certificate does not hold: {why}" if why else ""

    def view(self, now_us: int) -> SemanticView:
        why, certificate, counted = self.why_off(now_us), self.certificate, self.metrics
        return SemanticView(
            vectors=self.vectors.identity,
            on=not why,
            why_off=why,
            certificate="" if certificate is None else certificate.id,
            threshold=None if certificate is None else certificate.threshold,
            hits=counted.hits,
            misses=dict(counted.misses),
            refused=dict(counted.refused),
            unfit=dict(counted.unfit),
            questions=len(self.index),
            bytes=self.index.bytes,
            max_bytes=self.max_bytes,
            evicted=self.index.evicted,
        )


class SemanticCache:
    """
    Args:
        routes: by the name that callers ask for.
        alive: whether there is an answer under a key.
    """

    def __init__(
        self, routes: Mapping[str, SemanticRoute], clock: Clock, alive: Callable[[bytes], bool]
    ) -> None:
        self.routes = routes
        self._alive = alive
        self._clock = clock
        self._explained: OrderedDict[str, Match] = OrderedDict()

    async def look(
        self, call: Call, partition: Partition, asked: Asked, decision: Decision, find: Find
    ) -> Stored | None:
        """The answer to a question that means the same. What was found out on the way stays with the call.

        Args:
            find: the answer that is kept under a key; None if none is that would do.
        """
        route = self.routes.get(call.requested)
        if route is None or not decision.look or route.why_off(self._clock.now_us()):
            return None
        counted = route.metrics
        if decision.exact or decision.only_if_cached:
            counted.unfit["declined"] += 1
            return None
        request = read_wholly(call.arrival.face, call.arrival.body)
        if request is None:  # what the hub has no word for would be compared with nothing
            counted.unfit["foreign"] += 1
            return None
        try:
            question = question_of(partition, asked, request)
        except Unfit as why:
            counted.unfit[str(why)] += 1
            return None
        vectors = await route.vectors.of((question.text,), call.arrival.key)
        if vectors is None:
            counted.misses["no_vector"] += 1
            return None
        call.likeness = likeness = Likeness(question, traits(question.text), vectors[0])
        return await self._search(call, route, likeness, find)

    def learn(self, call: Call, key: bytes, response: Response) -> None:
        """The answer to its question is kept under ``key``."""
        like, route = call.likeness, self.routes.get(call.requested)
        if like is None or route is None or not may_answer_others(response):
            return
        known = Known(key, like.traits)
        route.index.add(like.question.context, like.vector, known)
        route.index.prune(self._alive, _PRUNED)

    def prune(self) -> None:
        """Forget the questions whose answers were forgotten."""
        for route in self.routes.values():
            route.index.prune(self._alive)

    def explained(self, request_id: str) -> Match | None:
        """Why that request was given the answer to another one; None where it was not, or long ago."""
        return self._explained.get(request_id)

    async def compare(self, which: Compare) -> Compared:
        """What it would make of pairs of questions. Calls for vectors are made, and booked.

        Raises:
            NotFound: there is no such route here.
        """
        route = self.routes.get(which.route)
        if route is None:
            there = ", ".join(self.routes) or "none"
            raise NotFound(f"No [cache.semantic.{which.route}] is set. There are: {there}.")
        vectors = await route.vectors.of(
            [text for pair in which.pairs for text in pair], NOBODY, patient=True
        )
        why = route.why_off(self._clock.now_us())
        threshold = None if route.certificate is None else route.certificate.threshold
        return Compared(
            route.vectors.identity,
            tuple(
                [
                    explain(
                        left,
                        right,
                        vectors and vectors[2 * at : 2 * at + 2],
                        threshold,
                        why,
                        synonyms=route.synonyms,
                    )
                    for at, (left, right) in enumerate(which.pairs)
                ]
            ),
        )

    async def compare_json(self, body: bytes) -> bytes:
        """The same, for the admin listener.

        Raises:
            InvalidRequest: the body is not as it should be.
            NotFound: there is no such route here.
        """
        try:
            which = msgspec.json.decode(body, type=Compare)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise InvalidRequest(f"This names no questions: {error}.") from error
        return msgspec.json.encode(await self.compare(which))

    def view(self) -> dict[str, SemanticView]:
        now = self._clock.now_us()
        return {name: route.view(now) for name, route in self.routes.items()}

    async def _search(self, call: Call, route: SemanticRoute, like: Likeness, find: Find) -> Stored | None:
        question, certificate, counted = like.question, route.certificate, route.metrics
        assert certificate is not None, "without one nothing is looked for"
        near: list[Near] = []
        parts = route.index.parts(question.context, like.vector, certificate.threshold, _LOOKED_AT)
        for number, part in enumerate(parts):
            near += part
            if number:
                await let_others_run()
        near = closest(near, _LOOKED_AT)
        refused: tuple[str, ...] = ()
        for each in near:
            if not agree(like.traits, each.known.traits, synonyms=route.synonyms):
                refused = refused or refusals(like.traits, each.known.traits, synonyms=route.synonyms)
                continue
            stored = find(each.known.key)
            if stored is None:
                if not self._alive(each.known.key):
                    route.index.drop(question.context, each.known.key)
                continue
            if route.max_age is not None and stored.age(call.arrival.at_us) > route.max_age:
                continue
            route.index.use(question.context, each.known.key)
            counted.hits += 1
            call.match = Match(
                stored.request_id,
                round(each.similarity, 6),
                certificate.threshold,
                certificate.id,
                certificate.vectors,
                GUARDS,
            )
            self._remember(call.arrival.request_id, call.match)
            return stored
        for guard in refused:
            counted.refused[guard] += 1
        counted.misses["refused" if refused else "gone" if near else "nothing_near"] += 1
        return None

    def _remember(self, request_id: str, match: Match) -> None:
        if len(self._explained) >= _EXPLAINED:
            self._explained.popitem(last=False)
        self._explained[request_id] = match
