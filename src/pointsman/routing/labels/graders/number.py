"""The same number as the reference's, however it is written."""

from __future__ import annotations

import re
from fractions import Fraction

from pointsman.routing.cascade.numerals import last_number
from pointsman.routing.labels.grader import Question

from .exact import Extract

TOLERANCE = Fraction(1, 10**6)
"""Of the larger of both: what rounding in the seventh digit may make of a number."""
_LONGEST = 1_100
"""Characters of a number; 1e999 has a thousand."""
_PERCENT = re.compile(r"\d\s?\\?(?:%|percent|per cent)[^\d]*$", re.IGNORECASE)


class NumberGrader:
    """Compares the last number of what the extractor finds. Separators of thousands, currency and units are
    no part of it; ``3/4``, ``0.75`` and ``\\frac{3}{4}`` are the same. Where only one of both is in percent,
    ``18 %`` is both 18 and 0.18.
    """

    needs_reference = True
    slow = False

    def __init__(self, extract: Extract, tolerance: Fraction = TOLERANCE) -> None:
        self._extract = extract
        self._tolerance = tolerance

    def grade(self, question: Question, answer: str) -> float | None:
        if question.reference is None or (right := self._read(question.reference)) is None:
            return None
        given = self._read(answer)
        return float(given is not None and self._same(given, right))

    def _read(self, text: str) -> tuple[Fraction, bool] | None:
        """The number, and whether it is in percent."""
        found = self._extract(text)
        number = None if found is None else last_number(found)
        if found is None or number is None or len(number) > _LONGEST:
            return None
        return Fraction(number), _PERCENT.search(found) is not None

    def _same(self, one: tuple[Fraction, bool], other: tuple[Fraction, bool]) -> bool:
        (a, a_percent), (b, b_percent) = one, other
        if self._near(a, b):
            return True
        if a_percent == b_percent:
            return False
        return self._near(a / 100, b) if a_percent else self._near(a, b / 100)

    def _near(self, a: Fraction, b: Fraction) -> bool:
        return abs(a - b) <= self._tolerance * max(abs(a), abs(b))
