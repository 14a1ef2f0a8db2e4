"""The language of a text: its script and, in Latin letters, which language's small words it uses most.
Pure."""

from __future__ import annotations

import unicodedata
from collections import Counter

from .reading import Reading
from .tables import SMALL_WORDS, VERBS

_SCRIPTS = {
    "CJK": "han",
    "HIRAGANA": "kana",
    "KATAKANA": "kana",
    "HANGUL": "hangul",
    "CYRILLIC": "cyrillic",
    "ARABIC": "arabic",
    "HEBREW": "hebrew",
    "GREEK": "greek",
    "THAI": "thai",
    "DEVANAGARI": "devanagari",
    "LATIN": "latin",
}
UNCASED = frozenset({"han", "kana", "hangul", "arabic", "hebrew", "thai", "devanagari", "other"})
"""Scripts without capital letters."""


def script_of(sign: str) -> str:
    """Of a letter."""
    if sign.isascii():
        return "latin"
    return _SCRIPTS.get(unicodedata.name(sign, "").partition(" ")[0].partition("-")[0], "other")


def language(reading: Reading) -> str:
    """ "de", "en", "es", "fr", "it", "nl", "pt"; the name of a script that is not Latin; "" where it cannot
    be
    told. Kana decide for Japanese, whatever else is there."""
    if reading.whole.isascii():
        return _latin(reading)
    scripts = Counter(script_of(sign) for word in reading.words for sign in word.text if sign.isalpha())
    if not scripts:
        return ""
    if scripts["kana"]:
        return "kana"
    foreign = [(count, name) for name, count in scripts.items() if name != "latin"]
    if foreign and 3 * max(foreign)[0] >= sum(scripts.values()):
        return max(foreign)[1]
    return _latin(reading)


def _latin(reading: Reading) -> str:
    votes: Counter[str] = Counter()
    for word in reading.words:
        for name in SMALL_WORDS.get(word.lower, VERBS.get(word.lower, ())):
            votes[name] += 1
    best = votes.most_common(2)
    if not best or (len(best) > 1 and best[0][1] == best[1][1]):
        return ""
    return best[0][0]
