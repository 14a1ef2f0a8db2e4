"""Randomness without a state: every draw follows from the seed, the request and the name of the draw.

Drawing by name keeps draws independent of each other and of their order, so that a new one changes none
of the old ones, and requests that run at the same time cannot disturb each other.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from hashlib import blake2b
from typing import TypeVar

T = TypeVar("T")

_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789"
_SPAN = float(2**64)


class Dice:
    """Draws for one request.

    Args:
        seed: of the whole run.
        subject: what the draws are for, as in the digest of a request's body.
        turn: how often this subject was seen before.
    """

    __slots__ = ("_key",)

    def __init__(self, seed: int, subject: bytes, turn: int = 0) -> None:
        text = b"%d/%d/" % (seed, turn)
        self._key = blake2b(text + subject, digest_size=32).digest()

    def bits(self, name: str) -> int:
        """64 random bits."""
        return int.from_bytes(blake2b(name.encode(), key=self._key, digest_size=8).digest(), "big")

    def uniform(self, name: str) -> float:
        """At least 0 and below 1."""
        return self.bits(name) / _SPAN

    def integer(self, name: str, low: int, high: int) -> int:
        """``low`` to ``high``, both included."""
        return low + self.bits(name) % (high - low + 1)

    def choice(self, name: str, options: Sequence[T]) -> T:
        return options[self.bits(name) % len(options)]

    def log_normal(self, name: str, median: float, sigma: float) -> float:
        """Positive, with this median; ``sigma`` is the standard deviation of the logarithm."""
        radius = math.sqrt(-2.0 * math.log(1.0 - self.uniform(name + "/radius")))
        return median * math.exp(sigma * radius * math.cos(math.tau * self.uniform(name + "/angle")))

    def token(self, name: str, length: int) -> str:
        """A random identifier of letters and digits."""
        digest = blake2b(name.encode(), key=self._key, digest_size=64).digest()
        return "".join(_ALPHABET[byte % len(_ALPHABET)] for byte in digest[:length])
