"""Who does what to whom: the order of words, where it decides. Pure.

"Convert JSON to XML" and "convert XML to JSON" have the same words. Where a text has a word of direction, the
words of weight that it shares with another text must come in the same order.
"""

from __future__ import annotations

from itertools import pairwise

from .names import heavy, stem

_DIRECTIONS_TEXT = """
from into than before after versus vs minus over under by instead against between via toward towards
von nach aus als statt gegen durch zwischen vers contre depuis hacia desde contra entre
"""
_DIRECTIONS = frozenset(_DIRECTIONS_TEXT.split())
_TO = frozenset({"to", "zu", "à"})
_DOES = frozenset({"do", "does", "did"})


def same_order(left: tuple[str, ...], right: tuple[str, ...]) -> bool:
    """
    Args:
        left: words in small letters.
    """
    turned = _DOES.isdisjoint(left) is not _DOES.isdisjoint(right)  # "who beat them", "who did they beat"
    if not (turned or _directed(left) or _directed(right)):
        return True
    stems_left, stems_right = [stem(word) for word in heavy(left)], [stem(word) for word in heavy(right)]
    shared = {*stems_left} & {*stems_right}
    return [word for word in stems_left if word in shared] == [word for word in stems_right if word in shared]


def _directed(words: tuple[str, ...]) -> bool:
    if any(word in _DIRECTIONS for word in words):
        return True
    weights = {*heavy(words)}
    return any(word in _TO and before in weights for before, word in pairwise(words))
