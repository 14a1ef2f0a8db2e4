"""What a text asks for: its question words, and the form that it wants the answer in. Pure."""

from __future__ import annotations

from .reading import Reading, Word
from .tables import (
    AUXILIARIES,
    ENGLISH_AUXILIARIES,
    ENGLISH_QUESTIONS,
    FIRST_ONLY,
    FORMS,
    HOW_MUCH,
    QUESTIONS,
    REQUESTING,
    word_set,
)

WHETHER = "whether"
"""A question for yes or no."""
WHETHER_IT_IS = "whether-is"
"""The same, of what something is: "is it a ship" is not "do I ship it"."""
_BE = word_set("is are was were am isn't aren't wasn't weren't ist sind war waren est sont es son está están")


def question(words: tuple[Word, ...], language: str) -> frozenset[str]:
    """Empty for what is no question, such as a command.

    Args:
        words: rephrased.
    """
    found: set[str] = set()
    for at, word in enumerate(words):
        lower = word.lower.removesuffix("'s").removesuffix("'re")
        asked = QUESTIONS.get(lower)
        if lower.startswith(("how-", "when-")):
            asked = lower
        elif language == "en" and lower not in ENGLISH_QUESTIONS:
            continue
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
    if (
        not found
        and len(words) > 1
        and words[0].lower in (ENGLISH_AUXILIARIES if language == "en" else AUXILIARIES)
        and not _requests(words[1].lower)
    ):
        found.add(WHETHER_IT_IS if words[0].lower in _BE else WHETHER)
    return frozenset(found)


def same_question(left: frozenset[str], right: frozenset[str], *, sum_: bool = False) -> bool:
    """A command ("name the capital") asks as "what" does, and "when" as "in what year".

    Args:
        sum_: it is about a sum or a price, of which one asks "what" and "how much".
    """
    if left == right or {frozenset(), frozenset({"what"})} == {left, right}:
        return True
    if sum_ and {*left, *right} <= {"what", "how-much"}:
        return True
    ours, theirs = left - right, right - left
    return (ours == {"when"} and _one_when(theirs)) or (theirs == {"when"} and _one_when(ours))


def _one_when(asked: frozenset[str]) -> bool:
    return len(asked) == 1 and next(iter(asked)).startswith("when-")


def form(reading: Reading) -> frozenset[str]:
    """How the answer shall be written: as JSON, in short, for a child."""
    return frozenset([FORMS[word.lower] for word in reading.words if word.lower in FORMS])


def _requests(follows: str) -> bool:
    """ "Can you …" is no question."""
    return follows in REQUESTING
