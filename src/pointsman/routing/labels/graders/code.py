"""Python code that passes its tests is good."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Protocol

from pointsman.routing.labels.grader import Question

_FENCED = re.compile(r"^[ \t]*```[ \t]*(\w*)[^\n]*\n(.*?)^[ \t]*```", re.DOTALL | re.MULTILINE)
_PYTHON = frozenset({"python", "py", "python3"})
_LONGEST = 200_000


class Outcome(Protocol):
    """How many tests passed, of how many."""

    @property
    def passed(self) -> int: ...

    @property
    def tests(self) -> int: ...


RunTests = Callable[[str, str], Outcome | None]
"""Code and tests; None: they did not come to their end. ``routing/labels/subprocess.py`` confines them."""


class CodeGrader:
    """The score is the share of tests that pass.

    Args:
        tests: Python, for all questions; without it each brings its own.
    """

    needs_reference = False
    slow = True

    def __init__(self, tests: str | None, run: RunTests) -> None:
        self._tests = tests
        self._run = run

    def grade(self, question: Question, answer: str) -> float | None:
        tests = question.tests or self._tests
        if not tests:
            return None
        outcome = self._run(code_of(answer[:_LONGEST]), tests)
        return 0.0 if outcome is None or not outcome.tests else outcome.passed / outcome.tests


def code_of(answer: str) -> str:
    """The blocks of Python in it, one behind the other; those without a language where none is said to be
    Python; all of it where there are no blocks."""
    blocks = [(language.lower(), code) for language, code in _FENCED.findall(answer)]
    chosen = [code for language, code in blocks if language in _PYTHON] or [
        code for language, code in blocks if not language
    ]
    return "\n".join(chosen) if chosen else answer
