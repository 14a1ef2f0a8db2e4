"""How one model is expected to answer a prompt.

A sum: the weights of the prompt's words and pairs, divided by the root of their number, plus those of its
shape and of where it comes from. Weights of words are whole numbers, so that the sum does not depend on their
order. The sum is log-odds; a curve makes of it a chance that is true on prompts that were not learned from.
"""

from __future__ import annotations

import sys
from array import array
from bisect import bisect_right
from collections.abc import Callable, Sequence
from math import exp, sqrt
from operator import itemgetter

from .features import BUCKETS
from .parts import ROUTE_BUCKETS, Head

Lookup = Callable[[Sequence[int]], tuple[int, ...]]


class Terms:
    """Words and pairs of one prompt, made ready to be looked up in many tables.

    ``itemgetter`` takes all of them out of a table at once, five times as fast as one after the other. Twice
    the entry behind the last bucket, which is 0 in each table, keeps it a tuple where there are no words.
    """

    __slots__ = ("count", "of_pairs", "of_words", "pairs", "words")

    def __init__(self, words: tuple[int, ...], pairs: tuple[int, ...]) -> None:
        self.words, self.pairs = words, len(pairs)
        self.count = len(words) + len(pairs)
        self.of_words: Lookup = itemgetter(*words, BUCKETS, BUCKETS)
        self.of_pairs: Lookup = itemgetter(*pairs, BUCKETS, BUCKETS)


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
        self.words.append(0)
        self.curve, self.curve_x = head.curve, [x for x, _ in head.curve]
        self.routes = {route: _numbers(words) for route, words in head.routes.items()}

    def chance(self, terms: Terms, shape: bytes, origin: tuple[int, int, int]) -> float:
        odds = self.odds(terms, shape, origin)
        return 1.0 / (1.0 + exp(-odds)) if odds > -500.0 else 0.0

    def curved(self, raw: float) -> float:
        if not self.curve:
            return raw
        at = min(max(bisect_right(self.curve_x, raw), 1), len(self.curve) - 1)
        (x0, y0), (x1, y1) = self.curve[at - 1], self.curve[at]
        return min(max(y0 + (y1 - y0) * (raw - x0) / (x1 - x0), 0.0), 1.0)

    def odds(self, terms: Terms, shape: bytes, origin: tuple[int, int, int]) -> float:
        total = sum(terms.of_words(self.words)) + sum(terms.of_pairs(self.words))
        own = self.routes.get(origin[0])
        if own is not None:
            total += sum([own[word & ROUTE_BUCKETS - 1] for word in terms.words])
        odds = total * self.scale / sqrt(terms.count or 1) + self.bias
        odds += sum([worth[number] for worth, number in zip(self.of_shape, shape, strict=True)])
        return odds + sum([self.origin.get(place, 0.0) for place in origin]) if self.origin else odds


def _numbers(table: bytes) -> array[int]:
    numbers = array("h", table)
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers
