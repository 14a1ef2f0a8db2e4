"""How hard a prompt is, by its words alone: the rules that many articles print, kept to be measured against.

It is worse than a coin flip on most public sets of prompts, and is offered as a baseline beside better ones.
Words are whole words here: the "count" in "account" and the "list" in "listen" say nothing. Where a prompt
has words of several classes the hardest one counts, since an answer must do all that was asked for.
"""

from __future__ import annotations

import re
from typing import Literal

KeywordClass = Literal["simple", "moderate", "complex"]

KEYWORDS: dict[KeywordClass, tuple[str, ...]] = {
    "complex": ("design", "architect", "research", "evaluate", "synthesize"),
    "moderate": ("explain", "describe", "compare", "analyze"),
    "simple": ("what", "when", "who", "list", "count"),
}
"""The hardest class first."""

_END = 20_000
"""Characters that are looked at on either end of a long text: what is asked for stands there."""
_WHOLE = {word: re.compile(rf"\b{word}\b") for words in KEYWORDS.values() for word in words}


def keyword_class(text: str) -> KeywordClass:
    """The hardest class that has a word in ``text``, in any case of letters; "moderate" if none has."""
    if len(text) > 2 * _END:
        text = f"{text[:_END]} {text[-_END:]}"
    lowered = text.lower()
    for name, words in KEYWORDS.items():
        if any(word in lowered and _WHOLE[word].search(lowered) for word in words):
            return name
    return "moderate"


def keyword_position(text: str, models: int) -> int:
    """Of so many models, the weakest first, the position of the one for ``text``: simple goes to the first,
    complex to the last, moderate to the middle (of an even number the stronger one of the two)."""
    return {"simple": 0, "moderate": models // 2, "complex": models - 1}[keyword_class(text)]
