"""Answers of a file to labels."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from pointsman.errors import InvalidRequest
from pointsman.routing.labels.grader import Grader, Question

from .file import read_lines


class Answered(msgspec.Struct, omit_defaults=True):
    """A line. What else it has goes along into the label."""

    prompt: str | list[dict[str, Any]]
    model: str
    answer: str
    reference: str | float | None = None
    schema: dict[str, Any] | bool | None = None
    tests: str | None = None


_NOT_OF_LABELS = ("reference", "schema", "tests")
_answered = msgspec.json.Decoder(Answered)
_whole = msgspec.json.Decoder(dict[str, Any])


class Tally:
    """How many lines were graded, and how well they did."""

    def __init__(self) -> None:
        self.graded = 0
        self.ungraded = 0
        self.total = 0.0

    @property
    def words(self) -> str:
        mean = f", {self.total / self.graded:.3f} on average" if self.graded else ""
        rest = f"; {self.ungraded:,} could not be graded, and are left out" if self.ungraded else ""
        return f"{self.graded:,} answers are graded{mean}{rest}."


def graded_lines(file: Path, grader: Grader, tally: Tally) -> Iterator[bytes]:
    """One label for each answer that can be graded. Raises InvalidRequest, which names the line."""
    for number, line in enumerate(read_lines(file), start=1):
        if not line.strip():
            continue
        try:
            given, whole = _answered.decode(line), _whole.decode(line)
        except msgspec.DecodeError as error:
            raise InvalidRequest(
                f'{file.name}:{number}: {error}. A line is {{"prompt": …, "model": "…", "answer": "…"}}, and '
                '"reference" with it where the right answer is known.'
            ) from error
        reference = None if given.reference is None else str(given.reference)
        score = grader.grade(Question(reference, given.schema, given.tests), given.answer)
        if score is None:
            tally.ungraded += 1
            continue
        tally.graded += 1
        tally.total += score
        label = {name: value for name, value in whole.items() if name not in _NOT_OF_LABELS}
        yield msgspec.json.encode(label | {"score": score})
