"""Words that exclude each other: who says one of them does not mean who says the other. Pure.

Two texts disagree where one has a word that the other lacks, and the other has its rival in return. A prefix
that turns a word around ("un", "dis", "de", "in" …) makes rivals too.
"""

from __future__ import annotations

from collections.abc import Iterable
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
        for prefix in NEGATIVE_PREFIXES:
            if len(one) >= 3 and prefix + one in right:
                return word, right[prefix + one]
            if one.startswith(prefix) and len(one) - len(prefix) >= 3 and one[len(prefix) :] in right:
                return word, right[one[len(prefix) :]]
    bare_left, bare_right = _bare(left.values()), _bare(right.values())
    for bare, (word, lacks) in bare_left.items():
        if bare in bare_right and bare_right[bare][1] is not lacks:
            return word, bare_right[bare][0]
    return None


def _bare(words: Iterable[str]) -> dict[str, tuple[str, bool]]:
    """Without "less" and "ful": the word, and whether it says that something lacks."""
    found: dict[str, tuple[str, bool]] = {}
    for word in words:
        if word.endswith("less") and len(word) > 6:
            found[word[:-4]] = (word, True)
        else:
            found[word.removesuffix("ful")] = (word, False)
    return found
