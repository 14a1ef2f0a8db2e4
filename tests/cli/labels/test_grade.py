from __future__ import annotations

import json
from pathlib import Path

import pytest

from pointsman.cli.labels.grade import Tally, graded_lines
from pointsman.errors import InvalidRequest
from pointsman.routing.labels.graders.exact import ExactGrader


def test_what_a_line_has_besides_goes_along(tmp_path: Path) -> None:
    file = tmp_path / "answers"
    line = {
        "prompt": "Why?",
        "model": "m",
        "answer": "So",
        "reference": "so",
        "mood": [1],
        "tests": "x",
        "schema": {},
    }
    file.write_text(json.dumps(line) + "\n\n", encoding="utf-8")
    tally = Tally()
    (graded,) = graded_lines(file, ExactGrader(lambda text: text), tally)
    assert json.loads(graded) == {"prompt": "Why?", "model": "m", "answer": "So", "mood": [1], "score": 1.0}
    assert tally.words == "1 answers are graded, 1.000 on average."


def test_nothing_graded_has_no_mean() -> None:
    assert Tally().words == "0 answers are graded."


@pytest.mark.parametrize(
    "line", ["{", "[]", '{"prompt": "x", "model": "m"}', '{"prompt": 1, "model": "m", "answer": "a"}']
)
def test_a_wrong_line_is_named(line: str, tmp_path: Path) -> None:
    file = tmp_path / "answers"
    file.write_text(f"\n{line}", encoding="utf-8")
    with pytest.raises(InvalidRequest, match=r'answers:2: .* A line is \{"prompt"'):
        list(graded_lines(file, ExactGrader(lambda text: text), Tally()))
