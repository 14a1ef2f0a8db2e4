"""The same as the reference, after both went through the extractor."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

from pointsman.routing.labels.grader import Question

Extract = Callable[[str], str | None]


class ExactGrader:
    """Case and white space do not count, and characters that Unicode has in two ways are the same; all else
    does, punctuation too, except what the extractor leaves out.

    Args:
        extract: what of an answer counts (``routing/cascade/extract.py``).
    """

    needs_reference = True
    slow = False

    def __init__(self, extract: Extract) -> None:
        self._extract = extract

    def grade(self, question: Question, answer: str) -> float | None:
        if question.reference is None or (right := self._extract(question.reference)) is None:
            return None
        given = self._extract(answer)
        return float(given is not None and same_text(given, right))


def same_text(one: str, other: str) -> bool:
    return _plain(one) == _plain(other)


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())
