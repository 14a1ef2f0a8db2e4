"""How one model is expected to answer a prompt.

A sum: the weights of the prompt's words and pairs, divided by the root of their number, plus those of its
shape and of where it comes from. Weights of words are whole numbers, so that the sum does not depend on their
order. The sum is log-odds; a curve makes of it a chance that is true on prompts that were not learned from.
"""

from __future__ import annotations

import sys
from array import array
from bisect import bisect_right
from math import exp, sqrt
from operator import getitem

from .features import Reading
from .parts import ROUTE_BUCKETS, Head


class Scorer:
    """A head, laid out to be summed up quickly."""

    def __init__(self, head: Head, low: bytes, high: bytes) -> None:
        # Beyond what was learned from, a number counts as the outermost that was.
        self.of_shape = [
            [weight * min(max(number, least), most) for number in range(256)]
            for weight, least, most in zip(head.shape, low, high, strict=True)
        ]
        self.scale, self.bias, self.shape, self.origin = head.scale, head.bias, head.shape, head.origin
        self.words = _numbers(head.words)
        self.curve, self.curve_x = head.curve, [x for x, _ in head.curve]
        self.routes = {route: _numbers(words) for route, words in head.routes.items()}

    def chance(self, reading: Reading, total: int) -> float:
        odds = self.odds(reading, total)
        return 1.0 / (1.0 + exp(-odds)) if odds > -500.0 else 0.0

    def curved(self, raw: float) -> float:
        if not self.curve:
            return raw
        at = min(max(bisect_right(self.curve_x, raw), 1), len(self.curve) - 1)
        (x0, y0), (x1, y1) = self.curve[at - 1], self.curve[at]
        return min(max(y0 + (y1 - y0) * (raw - x0) / (x1 - x0), 0.0), 1.0)

    def odds(self, reading: Reading, total: int) -> float:
        """
        Args:
            total: what ``words`` says of the words and pairs together.
        """
        origin = reading.origin
        own = self.routes.get(origin[0])
        if own is not None:
            total += sum([own[word & ROUTE_BUCKETS - 1] for word in reading.words])
        odds = total * self.scale / sqrt(len(reading.words) + len(reading.pairs) or 1) + self.bias
        odds += sum(map(getitem, self.of_shape, reading.shape))
        return odds + sum([self.origin.get(place, 0.0) for place in origin]) if self.origin else odds


def _numbers(table: bytes) -> array[int]:
    numbers = array("h", table)
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers
