"""The names of a text, and whether another text speaks of the same. Pure.

Names are words with a capital where a small letter would do, and words of the gazetteer. In German every noun
is taken for one; scripts without capitals show none, so there all that is not a particle must be the same.
"""

from __future__ import annotations

from .gazetteer import NAMES
from .language import UNCASED, script_of
from .reading import Reading, Word
from .tables import (
    AUXILIARIES,
    CALENDAR,
    FORMS,
    NEGATIONS,
    NUMBER_WORDS,
    POLITE,
    POLITE_HAN,
    PRONOUNS,
    QUESTIONS,
    SMALL_WORDS,
    STARTERS,
    UNITS,
)

_ENDINGS = frozenset(
    {"", "s", "es", "n", "en", "ed", "d", "r", "ing", "o", "a", "ar", "er", "ir", "as", "os", "an"}
)
_DOUBLING = ("ings", "ing", "ed")
_TOLD_ELSEWHERE = PRONOUNS | CALENDAR.keys() | NUMBER_WORDS.keys()


def names(reading: Reading) -> tuple[str, ...]:
    """In their order, in small letters."""
    return tuple([word.lower for word in reading.words if _is_name(word)])


def signs(reading: Reading) -> tuple[str, ...]:
    """What is written in scripts without capitals, less particles."""
    return tuple(
        [
            sign
            for word in reading.words
            for sign in word.lower
            if sign not in POLITE_HAN and script_of(sign) in UNCASED
        ]
    )


def has_capitals(reading: Reading) -> bool:
    return any(any(sign.isupper() for sign in word.text) for word in reading.words if word.lower != "i")


def heavy(words: tuple[str, ...]) -> tuple[str, ...]:
    """Words of weight: what is not grammar, courtesy or a number."""
    return tuple([word for word in words if word in NAMES or word in FORMS or not _is_light(word)])


def same_word(left: str, right: str) -> bool:
    """One word, perhaps with another ending; or one unit, perhaps abbreviated."""
    if left == right or stem(left) == stem(right):
        return True
    if left in UNITS and UNITS[left] == UNITS.get(right):
        return True
    shared = next(
        (at for at, (a, b) in enumerate(zip(left, right, strict=False)) if a != b), min(len(left), len(right))
    )
    return shared >= 4 and left[shared:] in _ENDINGS and right[shared:] in _ENDINGS


def same_names(
    left: tuple[str, ...], right: tuple[str, ...], all_left: tuple[str, ...], all_right: tuple[str, ...]
) -> bool:
    """Each name of one is in the other, and they come in the same order.

    Args:
        all_left: all words of the text that ``left`` is from, in small letters.
    """
    named = {*left, *right}
    return [word for word in all_left if word in named] == [word for word in all_right if word in named]


def unmatched(left: tuple[str, ...], right: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Words of weight that only one of the texts has, of each."""
    ours, theirs = heavy(left), heavy(right)
    return _only(ours, theirs), _only(theirs, ours)


def _only(words: tuple[str, ...], others: tuple[str, ...]) -> tuple[str, ...]:
    there = {stem(word) for word in others}
    near: dict[str, set[str]] = {}
    for word in others:
        near.setdefault(_bucket(word), set()).add(word)
    return tuple(
        [
            word
            for word in words
            if stem(word) not in there and not any(same_word(word, o) for o in near.get(_bucket(word), ()))
        ]
    )


def _bucket(word: str) -> str:
    """Only words of one bucket can be the same."""
    return f"unit {UNITS[word]}" if word in UNITS else word[:4]


def stem(word: str) -> str:
    """Without the usual endings of English: rough, and the same for both texts."""
    if len(word) <= 4:
        return word.removesuffix("s")
    for ending in ("ings", "ing", "edly", "ed", "ies", "es", "s", "ly", "e", "y"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            word = word[: -len(ending)]
            return (
                word[:-1] if ending in _DOUBLING and word[-1] == word[-2] and word[-1] not in "ls" else word
            )
    return word


def _is_name(word: Word) -> bool:
    if word.lower in NAMES:
        return word.lower not in ("us", "word", "teams", "spring") or word.text[0].isupper()
    if not word.text[0].isupper() or word.lower in _TOLD_ELSEWHERE:
        return False
    if len(word.text) > 1 and word.text.isupper():
        return word.lower not in NEGATIONS and word.lower not in STARTERS
    return not (word.first and word.lower in STARTERS)


def _is_light(word: str) -> bool:
    if script_of(word[0]) in UNCASED:
        return True  # its signs are compared one by one
    tables = (SMALL_WORDS, NEGATIONS, QUESTIONS, NUMBER_WORDS)
    return word in AUXILIARIES or word in POLITE or any(word in table for table in tables)
