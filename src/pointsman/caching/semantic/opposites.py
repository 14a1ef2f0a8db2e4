"""Words that exclude each other: who says one of them does not mean who says the other. Pure.

Two texts disagree where one has a word that the other lacks, and the other has its rival in return. A prefix
that turns a word around ("un", "dis", "de", "in" …) makes rivals too.
"""

from __future__ import annotations

from types import MappingProxyType

from .names import stem
from .rivals import RIVALS
from .tables import NEGATIVE_PREFIXES


def _index() -> MappingProxyType[str, tuple[tuple[int, int], ...]]:
    """Stem → (line, side) of each place where it stands."""
    found: dict[str, list[tuple[int, int]]] = {}
    for line, sides in enumerate(RIVALS):
        for side, words in enumerate(sides):
            for word in words:
                found.setdefault(stem(word), []).append((line, side))
    return MappingProxyType({word: tuple(places) for word, places in found.items()})


_PLACES = _index()


def opposed(left: tuple[str, ...], right: tuple[str, ...]) -> tuple[str, str] | None:
    """A word of each that exclude each other; None if there are none.

    Args:
        left: words in small letters.
    """
    stems_left = {stem(word): word for word in left}
    stems_right = {stem(word): word for word in right}
    only_left = {key: word for key, word in stems_left.items() if key not in stems_right}
    only_right = {key: word for key, word in stems_right.items() if key not in stems_left}
    sides_left, sides_right = _sides(only_left), _sides(only_right)
    all_left, all_right = _sides(stems_left), _sides(stems_right)
    for (line, side), word in sides_left.items():
        if (line, side) in all_right:
            continue  # the other says it in another word
        for (other_line, other), rival in sides_right.items():
            if line == other_line and side != other and (line, other) not in all_left:
                return word, rival
    return _turned(only_left, only_right)


def _sides(words: dict[str, str]) -> dict[tuple[int, int], str]:
    return {place: word for key, word in words.items() for place in _PLACES.get(key, ())}


def _turned(left: dict[str, str], right: dict[str, str]) -> tuple[str, str] | None:
    for one, word in left.items():
        for other, rival in right.items():
            long, short = (one, other) if len(one) > len(other) else (other, one)
            if len(short) >= 3 and any(long == prefix + short for prefix in NEGATIVE_PREFIXES):
                return word, rival
            if _without(word) and _without(word) in (_with(rival), rival):
                return word, rival
            if _without(rival) and _without(rival) in (_with(word), word):
                return word, rival
    return None


def _without(word: str) -> str:
    return word[:-4] if word.endswith("less") and len(word) > 6 else ""


def _with(word: str) -> str:
    return word[:-3] if word.endswith("ful") else word
