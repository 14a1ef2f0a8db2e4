"""Vectors from an embedding model of a provider: a call like every other, booked as "embed:ROUTE".

A vector that does not come in time is none: whoever wanted it goes on without.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from hashlib import blake2b

import msgspec

from pointsman.caching.semantic.lexical import unit
from pointsman.dialects.openai_embeddings import OPENAI_EMBEDDINGS, read_vectors
from pointsman.errors import PointsmanError
from pointsman.gateway.call.values import Errand, Plan, Route, make_route
from pointsman.gateway.errands import Errands, errand_key
from pointsman.keys import KeyInfo
from pointsman.ledger.entry import Entry

_REMEMBERED = 512
MOST_AT_ONCE = 256
_PATIENCE = 30.0


def model_identity(route: Route) -> str:
    """What a certificate calls the vectors of that model."""
    return f"model:{route.provider.name}/{route.upstream_model}"


class ModelVectors:
    """
    Args:
        route: of the embedding model.
        requested: what the ledger calls its calls.
        timeout: seconds.
    """

    remote = True

    def __init__(self, errands: Errands, route: Route, requested: str, timeout: float) -> None:
        provider, model = route.provider, route.model
        self._route = make_route(provider, OPENAI_EMBEDDINGS, route.upstream_model, model)
        self.identity = model_identity(route)
        self._errands = errands
        self._errand = Errand(requested, _unwatched, Plan(self._route, {}))
        self._timeout = timeout
        self._seen: OrderedDict[bytes, list[float]] = OrderedDict()
        """Of late, by tenant and text."""

    async def of(
        self, texts: Sequence[str], key: KeyInfo, *, patient: bool = False
    ) -> list[list[float]] | None:
        """Vectors of length 1; None if there are none in time.

        Args:
            key: of the request that they are for; whose tenant they are booked to.
            patient: nobody waits for an answer to a request meanwhile.
        """
        seconds = max(_PATIENCE, self._timeout) if patient else self._timeout
        found = {text: self._seen.get(_name(key, text)) for text in texts}
        missing = [text for text, vector in found.items() if vector is None]
        for at in range(0, len(missing), MOST_AT_ONCE):
            part = missing[at : at + MOST_AT_ONCE]
            made = await self._ask(part, key, seconds)
            if made is None:
                return None
            found |= zip(part, made, strict=True)
        for text, vector in found.items():
            if vector is not None:
                self._remember(_name(key, text), vector)
        return [vector for text in texts if (vector := found[text]) is not None]

    def _remember(self, name: bytes, vector: list[float]) -> None:
        self._seen[name] = vector
        self._seen.move_to_end(name)
        if len(self._seen) > _REMEMBERED:
            self._seen.popitem(last=False)

    async def _ask(self, texts: Sequence[str], key: KeyInfo, seconds: float) -> list[list[float]] | None:
        body = msgspec.json.encode(
            {"model": self._route.upstream_model, "input": list(texts), "encoding_format": "float"}
        )
        whose = errand_key(key.name, key.tenant, priority=0, max_wait=seconds)
        try:
            async with asyncio.timeout(seconds):
                answer = await self._errands.send(OPENAI_EMBEDDINGS, body, self._errand, whose)
        except TimeoutError:
            return None
        if answer is None:
            return None
        try:
            return [unit(vector) for vector in read_vectors(answer, len(texts))]
        except PointsmanError:
            return None


def _name(key: KeyInfo, text: str) -> bytes:
    whose = key.tenant or key.id
    return blake2b(f"{len(whose)} {whose} {text}".encode("utf-8", "surrogatepass"), digest_size=20).digest()


def _unwatched(_: Entry) -> None:
    """The ledger has it; nobody here needs to know what it cost."""
