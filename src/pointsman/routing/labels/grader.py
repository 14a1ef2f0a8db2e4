"""What grades an answer."""

from __future__ import annotations

from typing import Any, Protocol

import msgspec


class Question(msgspec.Struct, frozen=True):
    """What an answer is held against."""

    reference: str | None = None
    """The right answer; where nobody knows it, the answer that agreement is measured with."""
    schema: dict[str, Any] | bool | None = None
    """The JSON schema that the request asked for."""
    tests: str | None = None
    """Python tests of the answer's code."""


class Grader(Protocol):
    """Scores answers. Values in, a number out; the same each time."""

    @property
    def needs_reference(self) -> bool:
        """Without a reference it grades nothing. Where that is the baseline's own answer, the score is
        agreement with the baseline, which is not the same as being right."""
        ...

    @property
    def slow(self) -> bool:
        """It takes longer than an event loop can be kept waiting: run it in a thread."""
        ...

    def grade(self, question: Question, answer: str) -> float | None:
        """0 (wrong) to 1 (right); None where it cannot be graded: no reference, or one that says nothing."""
        ...
