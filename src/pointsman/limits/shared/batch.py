"""What a replica and the shared store say to each other: one batch, one answer. Values only.

A batch is done whole, or not at all; ``shared.lua`` does it. Batches of one replica are numbered, and the
store keeps its last answer, so that a batch whose answer was lost is sent again and counts once.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from pointsman.limits.values.limit import MINUTE_US, NEVER, UNKNOWN, Amounts, Level, Limit, Shortage

_KINDS = {"refill": 1, "rolling": 2, "slots": 3}

Op = tuple[Any, ...]
"""A letter and what belongs to it; places are those of ``Batch.limits``:

==================================  ====================================================================
``r [[place, amount], …] waits``    reserve all or nothing; answers true, or for each what it lacks. Who waits
                                    for it claims that, before all who come later
``s place reserved used at``        settle what was reserved at that time
``f place reserved used``           settle what was reserved without the store: no refund
``c place amount``                  charge
``h place held``                    what this replica holds of it
``e place amount age``              what it took without the store, so many microseconds ago
``l [place, …]``                    look
==================================  ====================================================================
"""


class Terms(msgspec.Struct, frozen=True):
    """How long what holds without a word, in microseconds."""

    lease: int
    """Then what a replica held is free again."""
    grace: int
    """A replica that hears nothing waits for so long before it uses its share."""
    hold: int
    """And uses it for no longer than this after it was heard last. 0: never."""


class Place(msgspec.Struct, frozen=True):
    """A limit in a batch."""

    key: int
    kind: int
    amount: int
    slack: int


class Batch(msgspec.Struct):
    """What is sent."""

    holder: str
    seq: int
    gen: str
    """Which life of the store this is meant for; "" to join whichever there is."""
    fresh: str
    """The name of a new life, if there is none."""
    share: int
    """The share this replica had in another life, in millionths."""
    cold: bool
    """Whether it knew another life of this store: then limits were in use that the store knows nothing of."""
    unused: bool
    """Between the last answer and the third last, it used nothing of its share. That covers all the time
    between the last two batches that were done, however late their answers were heard."""
    bye: bool
    now: int
    """0: by the clock of the store."""
    lease: int
    grace: int
    hold: int
    limits: list[Place] = []
    ops: list[Op] = []


class Answer(msgspec.Struct, array_like=True):
    """What is heard."""

    gen: str
    now: int
    share: int
    """The replica's share while the store is out of reach, in millionths."""
    replicas: int
    lapsed: bool
    """Whether its lease had been over, so that what it held may have been given away."""
    results: list[Any] | bool
    """False: this is another life of the store, and nothing was done."""
    alone: int = 0
    """For so many microseconds no replica but this one has been there."""


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Answer)


def decode(raw: bytes) -> Answer | None:
    """None: the batch is known to have been done, and what came of it is not known any more."""
    return _decoder.decode(raw) if raw else None


class Page:
    """The limits of a batch that is being written, and the keys by which the store knows them."""

    def __init__(self, prefix: str, holder: str) -> None:
        self._base = f"{{{prefix}}}"
        """All keys have the same part in braces, so that a cluster keeps them in one place."""
        self.keys = [f"{self._base}:store", f"{self._base}:replicas", f"{self._base}:answer:{holder}"]
        self.limits: list[Place] = []
        self._places: dict[tuple[str, int, int], int] = {}
        self._keys: dict[str, int] = {}

    def place(self, limit: Limit) -> int:
        """Where it stands in the batch, from 1 on."""
        name = (limit.id, limit.amount, limit.slack_us)
        place = self._places.get(name)
        if place is None:
            key = self._key(limit)
            self.limits.append(Place(key, _KINDS[limit.window], limit.amount, limit.slack_us))
            place = self._places[name] = len(self.limits)
        return place

    def _key(self, limit: Limit) -> int:
        key = self._keys.get(limit.id)
        if key is None:
            name = f"{self._base}:{limit.window}:{limit.id}"
            self.keys.append(name)
            key = self._keys[limit.id] = len(self.keys)
            if limit.window == "rolling":
                self.keys += [f"{name}:at", f"{name}:amounts"]
        return key


def encode(batch: Batch) -> bytes:
    return _encoder.encode(batch)


def shortage(limits: Sequence[Limit], amounts: Amounts, lacks: Sequence[int | list[int]]) -> Shortage:
    """What ``r`` answered, as the first limit of those with the longest wait."""
    longest = 0
    short = limits[0]
    for limit, lack in zip(limits, lacks, strict=True):
        wait = _wait(limit, amounts[limit.place], lack)
        if wait > longest:
            short, longest = limit, wait
    return Shortage(short, None if longest >= UNKNOWN else longest, never=longest == NEVER)


def _wait(limit: Limit, amount: int, lack: int | list[int]) -> int:
    if lack == -1:
        return 0
    if amount > limit.amount:
        return NEVER
    if isinstance(lack, int):
        return UNKNOWN if lack < 0 else lack
    used = lack[0] * MINUTE_US + lack[1]
    over = used + amount * MINUTE_US - limit.amount * (MINUTE_US - limit.slack_us)
    return max(1, -(-min(over, used) // limit.amount))


def level(limit: Limit, found: list[int]) -> Level:
    """What ``l`` answered."""
    first, second, held = found
    if limit.window == "slots":
        return Level(limit, held, held, 0)
    if limit.window == "rolling":
        return Level(limit, first, min(held, first), second)
    left = first * MINUTE_US + second
    used = -(-left // MINUTE_US)
    return Level(limit, used, min(held, used), -(-left // limit.amount))
