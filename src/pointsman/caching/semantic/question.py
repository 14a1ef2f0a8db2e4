"""What a text asks for: its question words, and the form that it wants the answer in. Pure."""

from __future__ import annotations

from .reading import Reading
from .tables import AUXILIARIES, FIRST_ONLY, FORMS, HOW_MUCH, QUESTIONS, REQUESTING

WHETHER = "whether"
"""A question for yes or no."""


def question(reading: Reading) -> frozenset[str]:
    """Empty for what is no question, such as a command."""
    words = reading.words
    found: set[str] = set()
    for at, word in enumerate(words):
        asked = QUESTIONS.get(word.lower.removesuffix("'s").removesuffix("'re"))
        if asked is None and (word.first or (at and words[at - 1].lower in ("por", "est-ce"))):
            asked = FIRST_ONLY.get(word.lower)
        if asked is None:
            continue
        follows = words[at + 1].lower if at + 1 < len(words) else ""
        if asked == "what" and at and words[at - 1].lower == "por":
            asked = "why"
        elif asked == "how" and follows in HOW_MUCH:
            asked = f"how-{follows}"
        found.add(asked)
    if not found and len(words) > 1 and words[0].lower in AUXILIARIES and not _requests(words[1].lower):
        found.add(WHETHER)
    return frozenset(found)


def same_question(left: frozenset[str], right: frozenset[str]) -> bool:
    """A command ("name the capital") asks as "what" does."""
    return left == right or {frozenset(), frozenset({"what"})} == {left, right}


def form(reading: Reading) -> frozenset[str]:
    """How the answer shall be written: as JSON, in short, for a child."""
    return frozenset([FORMS[word.lower] for word in reading.words if word.lower in FORMS])


def _requests(follows: str) -> bool:
    """ "Can you …" is no question."""
    return follows in REQUESTING
