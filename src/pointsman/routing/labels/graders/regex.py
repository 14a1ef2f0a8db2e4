"""An answer that matches a pattern is good."""

from __future__ import annotations

from pointsman.routing.cascade.safe_pattern import WINDOW, compile_safe
from pointsman.routing.labels.grader import Question

from .exact import Extract


class RegexGrader:
    """Searches what the extractor finds, the last characters of it where it is long.

    Raises:
        ConfigurationError: it is no pattern, or one that could run for ever.
    """

    needs_reference = False
    slow = False

    def __init__(self, extract: Extract, pattern: str, path: str) -> None:
        self._extract = extract
        self._pattern = compile_safe(pattern, path)

    def grade(self, question: Question, answer: str) -> float | None:
        found = self._extract(answer)
        return float(found is not None and self._pattern.search(found[-WINDOW:]) is not None)
