"""The shape of a prompt: what can be said of it without its words. Each number is one byte."""

from __future__ import annotations

import re

from .sample import Sample

SHAPE = (
    *("length", "lines", "digits", "capitals", "marks", "word length", "variety", "options", "code"),
    *("formulas", "questions", "history", "turns", "system", "tools", "images", "structured"),
)
"""The numbers of a shape, in their order."""

COUNTED = ("length", "history", "turns", "system", "tools", "images")
"""Those that are sizes: far beyond what was learned from, nothing is known."""
OCTAVE = 12
"""By how much a size grows, in such numbers, where it doubles."""

_OPTION = re.compile(rb"\n\s{0,8}\(?[A-Za-j1-9][.):]\s")
_NOT = {
    "capital": bytes(b for b in range(256) if not 65 <= b <= 90),
    "letter": bytes(b for b in range(256) if not (65 <= b <= 90 or 97 <= b <= 122 or b > 127)),
}
_CODE = (b"```", b"def ", b"();", b"{\n")
_FORMULA = (b"\\", b"$", b"^", b"=")


def shape_of(sample: Sample, raw: bytes, digits: int, words: int, different: int) -> bytes:
    """
    Args:
        raw: what is read of the text.
        digits: in it.
        words: in it, and how many different ones.
    """
    size, words = len(raw) or 1, words or 1
    letters = raw.translate(None, _NOT["letter"])
    lines = raw.count(b"\n")
    numbers = (
        size_of(len(sample.text)),
        size_of(lines),
        1000 * digits // size,
        1000 * len(letters.translate(None, _NOT["capital"])) // size,
        500 * (size - len(letters)) // size,
        20 * size // words,
        255 * different // words,
        20 * len(_OPTION.findall(raw)) if lines else 0,
        40 * _count(_CODE, raw),
        size_of(_count(_FORMULA, raw)) * 2,
        60 * raw.count(b"?"),
        size_of(len(sample.history)),
        size_of(sample.turns),
        size_of(len(sample.system)),
        size_of(sample.tools),
        size_of(sample.images),
        255 * sample.structured,
    )
    return bytes([n if n < 255 else 255 for n in numbers])


def _count(signs: tuple[bytes, ...], raw: bytes) -> int:
    # To look for one byte is much quicker than to count, and most prompts have none of these.
    return sum([raw.count(sign) for sign in signs if sign[:1] in raw])


def size_of(count: int) -> int:
    """Twelve times the logarithm to the base 2 of ``count + 1``, straight between powers of two."""
    if not count:
        return 0
    count += 1
    power = count.bit_length() - 1
    return OCTAVE * power + (OCTAVE * count >> power) - OCTAVE
