"""A small tokenizer: text → pieces that are each one token, near enough to what the providers' would cut.

Providers do not publish all of theirs, and those that exist are megabytes of vocabulary. This is one regular
expression; ``docs/models.md`` has how near it comes. What matters besides is what it guarantees:

- the pieces, put together, are the text to the letter;
- any run of consecutive pieces, put together, is cut into the same pieces again. So counts add up: a
  stream that is sent piece by piece has as many tokens as its parts, wherever it is cut.

The second holds because the expression looks neither behind nor ahead (no ``\\b``, ``$``, ``(?=…)``): a
piece depends only on its own characters and on what follows *within* the first choice that matches.
Keep it so when you change it.
"""

from __future__ import annotations

import re

_ASCII_PUNCTUATION = r"!-/:-@\[-`{-~"
_OTHER_ALPHABETS = "\u0100-\u1fff\u2c00-\u2dff\ua000-\uabff"
"""Latin with rarer accents, Greek, Cyrillic, Hebrew, Arabic, the scripts of India, …, with their marks."""

_PIECE = re.compile(
    " ?(?:"  # a token carries the space before it
    "[A-ZÀ-Þ]?[a-zß-ÿ]{1,7}"  # a short word, or a stretch of a long one; camelCase falls apart
    "|[A-Z]{1,2}"
    f"|[{_OTHER_ALPHABETS}]{{1,4}}"
    f"|[{_ASCII_PUNCTUATION}]{{1,3}}"
    "|[^\x00-\x7f]"  # Chinese, Japanese, Korean, emoji: one token a character
    ")"
    "|[0-9]{1,3}"
    "|\n{1,4}"
    "|[ \t\r]{1,16}"  # indentation
    "|.",
    re.DOTALL,
)

_BEYOND_LATIN = re.compile("[^\x00-\u036f]")


def split_tokens(text: str) -> list[str]:
    """The pieces of ``text``, one token each. Put together, they are ``text``."""
    return _PIECE.findall(text)


def count_text(text: str) -> int:
    """How many tokens ``text`` has: ``len(split_tokens(text))`` without the list."""
    return _PIECE.subn("", text)[1]


def least_tokens(text: str) -> int:
    """What a provider will surely count, to refuse by: 8/10 of the pieces, and 9/20 where the text is in
    other alphabets than Latin, since the densest tokenizers put two Korean or Chinese characters in one."""
    pieces = count_text(text)
    other = min(pieces, _BEYOND_LATIN.subn("", text)[1]) if not text.isascii() else 0
    return (16 * (pieces - other) + 9 * other) // 20
