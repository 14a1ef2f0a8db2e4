"""Vectors from the letters of a text: its words and their trigrams, hashed into 512 numbers. Pure.

They know nothing of meaning, only of spelling: "reset my password" is close to "resetting the password" and
far from "I forgot my login". That is what can be had without a file or a provider, and it is the same on
every machine. Function words weigh little, since the guards look at those that matter.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from math import sqrt
from zlib import crc32

from .courtesy import POLITE, POLITE_HAN
from .names import stem
from .tables import SMALL_WORDS

IDENTITY = "lexical-2"
DIMENSIONS = 512
_LIGHT, _HEAVY, _PIECE = 0.15, 1.0, 0.35


def lexical(text: str) -> list[float]:
    """Of length 1; all zeros for a text without letters and digits."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    words = "".join(map(_spaced, plain)).split()
    vector = [0.0] * DIMENSIONS
    for word in words:
        light = word in SMALL_WORDS or word in POLITE or word in POLITE_HAN
        _add(vector, stem(word), _LIGHT if light else _HEAVY)
        if light:
            continue
        framed = f"<{word}>"
        pieces = [framed[at : at + 3] for at in range(len(framed) - 2)]
        weight = _PIECE * sqrt(3 / max(3, len(pieces)))
        for piece in pieces:
            _add(vector, piece, weight)
    return unit(vector)


def _spaced(sign: str) -> str:
    """Words are what stands between signs; an ideograph is a word."""
    if "\u3400" <= sign <= "\u9fff":
        return f" {sign} "
    return sign if sign.isalnum() else " "


def unit(vector: Sequence[float]) -> list[float]:
    """The same direction with length 1."""
    length = sqrt(sum(value * value for value in vector))
    return [value / length for value in vector] if length else list(vector)


def cosine(left: Sequence[float], right: Sequence[float]) -> float:
    """Of two vectors of length 1."""
    return sum(map(float.__mul__, left, right))


def _add(vector: list[float], feature: str, weight: float) -> None:
    digest = crc32(feature.encode())
    vector[digest % DIMENSIONS] += weight if digest & 0x8000_0000 else -weight
