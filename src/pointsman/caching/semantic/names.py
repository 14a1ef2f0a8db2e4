"""The names of a text, and whether another text speaks of the same. Pure.

Names are words with a capital where a small letter would do, and words of the gazetteer. In German every noun
is taken for one; scripts without capitals show none, so there all that is not a particle must be the same.
"""

from __future__ import annotations

from .courtesy import POLITE_HAN, PRONOUNS, STARTERS
from .gazetteer import NAMES, TWO_MEANINGS
from .language import UNCASED, script_of
from .reading import Reading, Word
from .tables import (
    CALENDAR,
    NEGATIONS,
    NUMBER_WORDS,
    UNITS,
)

_ENDINGS = frozenset(
    {"", "s", "es", "e", "n", "en", "ed", "d", "r", "ing", "o", "a", "ar", "er", "ir", "as", "os", "an"}
)
_ENGLISH_ENDINGS = frozenset({"", "s", "ed", "d", "ing"})
_VOWELS = "aeiouy"
_WHOLE = frozenset({"news", "https", "lens", "series", "species", "always"})
"""They look as if they had an ending."""
_AFTER_MODALS = frozenset({"i", "we", "one", "you", "it", "the", "my", "our", "there", "this", "they"})
_TOLD_ELSEWHERE = PRONOUNS | CALENDAR.keys() | NUMBER_WORDS.keys()


def names(words: tuple[Word, ...]) -> tuple[str, ...]:
    """In their order, in small letters."""
    found = []
    for at, word in enumerate(words):
        asks = word.first and at + 1 < len(words) and words[at + 1].lower in _AFTER_MODALS
        if _is_name(word) and not (asks and word.lower in ("may", "will")):
            found.append(word.lower)
    return tuple(found)


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


def same_word(left: str, right: str, language: str = "") -> bool:
    """One word, perhaps with another ending; or one unit, perhaps abbreviated. In English "painter" is not
    "paint", nor "taller" "tall"."""
    if left == right or stem(left) == stem(right):
        return True
    if left in _WHOLE or right in _WHOLE:
        return False
    if left in UNITS and UNITS[left] == UNITS.get(right):
        return True
    shared = next(
        (at for at, (a, b) in enumerate(zip(left, right, strict=False)) if a != b), min(len(left), len(right))
    )
    endings = _ENGLISH_ENDINGS if language == "en" else _ENDINGS
    return shared >= 4 and left[shared:] in endings and right[shared:] in endings


def cased(words: tuple[Word, ...]) -> frozenset[str]:
    """Words with a capital, inside of a sentence, that are others without: a turkey is no country."""
    return frozenset(
        [
            word.lower
            for word in words
            if word.lower in TWO_MEANINGS and word.text[0].isupper() and not word.first
        ]
    )


def same_names(
    left: tuple[str, ...],
    right: tuple[str, ...],
    all_left: tuple[str, ...],
    all_right: tuple[str, ...],
    *,
    ordered: bool = True,
) -> bool:
    """Each name of one is in the other as often, and they come in the same order.

    Args:
        all_left: all words of the text that ``left`` is from, in small letters.
        ordered: somebody else does not look at their order.
    """
    named = {*left, *right}
    ours = [word for word in all_left if word in named]
    theirs = [word for word in all_right if word in named]
    return ours == theirs if ordered else sorted(ours) == sorted(theirs)


def stem(word: str) -> str:
    """Without the usual endings of English. What it cannot know ("opened" of "open", "raised" of "raise") is
    left to ``same_word``; what it must not do is to make one word of two ("plans" and "planes")."""
    if len(word) <= 3 or word in _WHOLE:
        return word
    if word.endswith("ies") and len(word) > 4:
        return f"{word[:-3]}y"
    if word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-2] if word.endswith(("xes", "zes", "ches", "shes", "oes")) else word[:-1]
    for ending in ("ing", "ed"):
        bare = word.removesuffix(ending)
        if bare != word and len(bare) >= 3 and not word.endswith("eed") and any(s in _VOWELS for s in bare):
            return _whole(bare)
    return word


def _whole(bare: str) -> str:
    """A verb that lost its ending, with the "e" that it lost too, or without the consonant that it gained."""
    if bare[-1] == bare[-2] and bare[-1] not in "lsz":
        return bare[:-1]
    closed = bare[-1] not in _VOWELS + "wxy" and bare[-2] in _VOWELS and bare[-3] not in _VOWELS
    return f"{bare}e" if closed or bare.endswith(("c", "v", "dg", "rg")) else bare


def _is_name(word: Word) -> bool:
    if word.lower in NAMES:
        return word.lower not in ("us", "word", "teams", "spring") or word.text[0].isupper()
    if not word.text[0].isupper() or word.lower in _TOLD_ELSEWHERE:
        return False
    if len(word.text) > 1 and word.text.isupper():
        return word.lower not in NEGATIONS and word.lower not in STARTERS
    return not (word.first and word.lower in STARTERS)
