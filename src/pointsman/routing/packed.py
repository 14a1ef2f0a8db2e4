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

import sys
from array import array
from collections.abc import Collection, Sequence
from operator import itemgetter

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
        words, pairs = (_entries(first | _wide(array("B", known.translate(of)))) for of in (_WORD, _PAIR))
        both = map(_entries, others)
        self._tables = [(words, pairs), *((one, one) for one in both)]

    def sums(self, words: Collection[int], pairs: Collection[int]) -> tuple[list[int], int, int]:
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


def _weights(lower: Sequence[int], upper: Sequence[int]) -> int:
    """The entries as digits of one large number, which Python shifts and masks all at once: to make them one
    by one takes a tenth of a second."""
    raised = _wide(array("H", bytes(array("h", lower))), flip=_LEAST)
    return (_wide(upper) << _UPPER & _each(-1 << _UPPER)) | raised << _LOWER


def _wide(numbers: Sequence[int], flip: int = 0) -> int:
    """Each as a digit of 64 bits; of those with a sign, in two's complement. ``flip`` turns bits of each
    round: 32,768 of a number of 16 bits with a sign, read without one, raises it by as much."""
    return int.from_bytes(array("q", numbers).tobytes(), sys.byteorder) ^ (_each(flip) if flip else 0)


def _each(digit: int) -> int:
    return int.from_bytes(array("q", [digit]).tobytes() * BUCKETS, sys.byteorder)


def _entries(digits: int) -> array[int]:
    digits &= (1 << 64 * BUCKETS) - 1
    entries = array("q", digits.to_bytes(8 * BUCKETS, sys.byteorder))
    entries.append(0)
    return entries
