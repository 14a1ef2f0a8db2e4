"""Tables of weights side by side in one, so that a prompt's words are looked up once for two models.

An entry is a number of 64 bits with three fields: from bit 12 on what the bucket weighs for one model, from
bit 41 on what for another, and in the lowest bits 1 if it is known. The sum of entries holds the three sums,
since no field can overflow into the next: there are fewer than 4,096 words or pairs in what is read of a
prompt. The lower weights are held 32,768 higher than they are, so that they are never negative; the highest
field may be, and may grow as it likes.

The first two models have such a table for words and one for pairs, which are not known together; each further
two share one for both. That is 4 MiB for two models and 6 for three or four, where plain tables of 16 bits
would take 1.5, 2 and 2.5: a third of the look-ups is worth that.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from operator import add, itemgetter

from .features import BUCKETS

_LOWER, _UPPER = 12, 41
_LEAST = 1 << 15
_KNOWN = (1 << _LOWER) - 1
_FIELD = (1 << _UPPER - _LOWER) - 1

_WORD = bytes(number & 1 for number in range(256))
_PAIR = bytes(number >> 1 & 1 for number in range(256))


class Packed:
    """
    Args:
        tables: of each model, the weight of each bucket: 16 bits with a sign.
        known: of each bucket, 1 if a word was learned from, plus 2 if a pair was.
    """

    def __init__(self, tables: Sequence[Sequence[int]], known: bytes) -> None:
        self._models = len(tables)
        even = [*tables, array("h", bytes(2 * BUCKETS))] if len(tables) % 2 else tables
        first, *others = map(_weights, even[::2], even[1::2])
        words, pairs = (array("q", map(add, first, known.translate(of) + b"\0")) for of in (_WORD, _PAIR))
        self._tables = [(words, pairs), *zip(others, others, strict=True)]

    def sums(self, words: tuple[int, ...], pairs: tuple[int, ...]) -> tuple[list[int], int, int]:
        """What they weigh together for each model, how many of the words are known, and how many pairs."""
        # ``itemgetter`` takes all out of a table at once, five times as fast as one after the other. Twice
        # the entry behind the last bucket, which is 0, keeps it a tuple where there are no words.
        of_words, of_pairs = itemgetter(*words, BUCKETS, BUCKETS), itemgetter(*pairs, BUCKETS, BUCKETS)
        raised = _LEAST * (len(words) + len(pairs))
        totals: list[int] = []
        known: list[int] = []
        for in_words, in_pairs in self._tables:
            by_words, by_pairs = sum(of_words(in_words)), sum(of_pairs(in_pairs))
            known += by_words & _KNOWN, by_pairs & _KNOWN
            both = (by_words >> _LOWER) + (by_pairs >> _LOWER)
            totals += (both & _FIELD) - raised, both >> _UPPER - _LOWER
        return totals[: self._models], known[0], known[1]


def _weights(lower: Sequence[int], upper: Sequence[int]) -> array[int]:
    entries = [(high << _UPPER) + (low + _LEAST << _LOWER) for low, high in zip(lower, upper, strict=True)]
    return array("q", [*entries, 0])
