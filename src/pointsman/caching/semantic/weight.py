"""The words of weight of a text: what is not grammar, courtesy or a number. Pure.

"Which plan is the cheapest" is read as "the cheapest plan", so that their order is the same."""

from __future__ import annotations

import msgspec

from .courtesy import COURTESY, WEIGHTY
from .gazetteer import NAMES
from .language import UNCASED, script_of
from .names import same_word, stem
from .reading import Word
from .synonyms import SYNONYMS
from .tables import (
    AUXILIARIES,
    ENGLISH_AUXILIARIES,
    ENGLISH_QUESTIONS,
    FORMS,
    HOW_MUCH,
    NEGATIONS,
    NUMBER_WORDS,
    QUESTIONS,
    SMALL_WORDS,
    UNITS,
)
from .ties import is_tie

_CLASSES = {stem(word): stem(first) for word, first in SYNONYMS.items()}
_SCOPED = frozenset({"only", "all", "most", "some", "enough", "too", "always"})
"""It matters what they stand before: only members can vote, members can only vote."""
_COST = _CLASSES[stem("cost")]
_IS = frozenset({"is", "are", "was", "were"})
_THE = frozenset({"the", "a", "an", "your", "our", "my", "their", "his", "its"})
_PERSONS = frozenset({"me", "you", "us", "him", "her", "them"})
_IRREGULAR = frozenset({"best", "worst", "most", "least", "latest", "last", "first"})


class Weighed(msgspec.Struct, frozen=True, gc=False):
    """A word of weight."""

    word: str
    """In small letters; "" stands for the end of the text."""
    key: str
    """By which it is compared: its stem, or that of its synonym."""
    tie: str
    """The last preposition or conjunction that leads to it from the word of weight before; "": none."""
    joined: bool
    """It follows a word of weight at once."""
    negated: bool = False
    """It is the first behind a "not" of its own; of "isn't it" nobody can say what is denied."""


def weigh(words: tuple[Word, ...], language: str, *, counts: bool) -> tuple[Weighed, ...]:
    """
    Args:
        words: rephrased.
        counts: there are digits, which tell of what "percent" is said.
    """
    found: list[Weighed] = []
    tie, joined, negated, front = "", False, False, _fronted(words)
    priced = any(word.lower == "how-much" for word in words)
    for at, word in enumerate(words):
        lower = word.lower
        how = words[at - 1].lower if at else ""
        if (
            (counts and UNITS.get(lower) == "percent")
            or (lower in HOW_MUCH and QUESTIONS.get(how) == "how")
            or (priced and key(lower) == _COST)
        ):
            joined = False  # numbers or the question say it
        elif lower == "a" and (at + 1 == len(words) or is_tie(words[at + 1].lower, "en")):
            found.append(Weighed("a", "a", tie, joined))  # no article
            tie, joined = "", True
        elif NEGATIONS.get(lower) in _SCOPED or is_heavy(lower, language):
            scoped = NEGATIONS.get(lower)
            made = Weighed(lower, scoped if scoped in _SCOPED else key(lower), tie, joined, negated)
            if at == front:
                found.insert(0, msgspec.structs.replace(made, tie="", joined=False))
            else:
                found.append(made)
                tie, joined, negated = "", True, False
        else:
            joined = False
            if lower in _PERSONS:
                tie = ""  # "to you", which the roles say
            negated = negated or lower in ("not", "no", "never")
            tie = lower if is_tie(lower, language) else tie
    return (*found, Weighed("", "", tie, False))


def key(word: str) -> str:
    root = stem(word)
    return _CLASSES.get(root, root)


def is_heavy(word: str, language: str) -> bool:
    if word in NAMES or word in FORMS or word in WEIGHTY:
        return True
    if script_of(word[0]) in UNCASED:
        return False  # its signs are compared one by one
    if "-" in word or word in COURTESY or word in NEGATIONS or word in NUMBER_WORDS:
        return False
    if is_tie(word, language):
        return False
    if language not in ("", "en", "de", "fr", "es"):
        return True  # its small words are not known well enough to pass over them
    english = language in ("", "en")
    if word in (ENGLISH_QUESTIONS if english else QUESTIONS):
        return False
    if word in (ENGLISH_AUXILIARIES if english else AUXILIARIES):
        return False
    spoken = SMALL_WORDS.get(word)
    return spoken is None or (language or "en") not in spoken


def aligned(left: tuple[Weighed, ...], right: tuple[Weighed, ...], language: str) -> tuple[Weighed, ...]:
    """``right`` with the keys of ``left`` for words that are the same with another ending."""
    there = {each.key for each in left}
    near: dict[str, list[Weighed]] = {}
    for each in left:
        near.setdefault(_bucket(each.word), []).append(each)
    return tuple([each if each.key in there else _as_in(each, near, language) for each in right])


def _as_in(word: Weighed, near: dict[str, list[Weighed]], language: str) -> Weighed:
    for other in near.get(_bucket(word.word), ()):
        if other.word and same_word(word.word, other.word, language):
            return msgspec.structs.replace(word, key=other.key)
    return word


def unmatched(
    left: tuple[Weighed, ...], right: tuple[Weighed, ...]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Words of weight that only one of the texts has, of each.

    Args:
        right: aligned.
    """
    ours, theirs = {each.key for each in left}, {each.key for each in right}
    return (
        tuple([each.word for each in left if each.key not in theirs]),
        tuple([each.word for each in right if each.key not in ours]),
    )


def _bucket(word: str) -> str:
    """Only words of one bucket can be the same."""
    return f"unit {UNITS[word]}" if word in UNITS else word[:4]


def _fronted(words: tuple[Word, ...]) -> int:
    """Where the superlative of "which … is the …est" stands; -1 if nowhere."""
    if not words or words[0].lower not in ("which", "what"):
        return -1
    for at in range(2, len(words)):
        before = [word.lower for word in words[max(0, at - 2) : at]]
        is_before = before[-1] in _IS or (before[-1] in _THE and before[0] in _IS)
        lower = words[at].lower
        if is_before and (lower in _IRREGULAR or (lower.endswith("est") and len(lower) > 5)):
            ends = at + 1 == len(words) or is_tie(words[at + 1].lower, "en")
            return at if ends and at > 2 else -1
    return -1
