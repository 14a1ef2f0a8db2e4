from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pointsman.cli.labels.file import EVERY, exported_lines, grader_for, prepare, read_lines, write_lines
from pointsman.errors import ConfigurationError, InvalidRequest
from pointsman.routing.features import featurise
from pointsman.routing.labels import Question
from pointsman.routing.labels.kept import Labelled
from pointsman.routing.labels.subprocess import Passed
from pointsman.routing.sample import Sample
from tests.support.labels_contract import a_mark, a_prompt


def written(tmp_path: Path, *labels: dict[str, Any]) -> Path:
    file = tmp_path / "labels.jsonl"
    file.write_text("\n\n".join(json.dumps(label) for label in labels), encoding="utf-8")
    return file


def test_labels_of_a_prompt_stand_together(tmp_path: Path) -> None:
    file = written(
        tmp_path,
        {
            "id": "q1",
            "prompt": "Why?",
            "model": "a",
            "score": 1,
            "group": "g",
            "tenant": "t",
            "route": "another",
        },
        {"id": "q1", "prompt": "Why?", "model": "b", "score": 0, "input_tokens": 3, "output_tokens": 4},
        {"prompt": [{"role": "user", "content": "How?"}], "model": "a", "score": 0.5},
    )
    (first, marks), (second, others) = prepare(file, "support", 77, lambda done: None)
    features = featurise(Sample("Why?", route="support", tenant="t")).encode()
    assert (first.route, first.tenant, first.group, first.at_us, first.features) == (
        "support",
        "t",
        "g",
        77,
        features,
    )
    assert [(m.model, m.score, m.source, m.input_tokens, m.output_tokens) for m in marks] == [
        ("a", 1.0, "import", None, None),
        ("b", 0.0, "import", 3, 4),
    ]
    assert [mark.score for mark in others] == [0.5]
    assert first.id != second.id and first.id.startswith("import:")
    assert prepare(file, "support", 99, lambda done: None)[0][0].id == first.id, "the same each time"
    assert prepare(file, "other", 77, lambda done: None)[0][0].id != first.id, "a route's own"


def test_progress_is_told(tmp_path: Path) -> None:
    label = {"prompt": "Why?", "model": "a", "score": 1}
    file = tmp_path / "labels.jsonl"
    file.write_text((json.dumps(label) + "\n") * (EVERY + 1), encoding="utf-8")
    told: list[int] = []
    prepare(file, "x", 1, told.append)
    assert told == [EVERY]


def test_what_is_wrong_with_a_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(InvalidRequest, match=r"labels\.jsonl:3"):
        prepare(written(tmp_path, {"prompt": "a", "model": "m", "score": 1}, {"model": "m"}), "x", 1, print)
    with pytest.raises(InvalidRequest, match="has no labels"):
        prepare(written(tmp_path), "x", 1, print)
    with pytest.raises(InvalidRequest, match="cannot be read"):
        list(read_lines(tmp_path / "nowhere"))
    with pytest.raises(InvalidRequest, match="cannot be written"):
        write_lines([b"x"], tmp_path)


def test_each_label_is_a_line(tmp_path: Path) -> None:
    labelled = Labelled(a_prompt(), (a_mark("a"), a_mark("b", input_tokens=1, output_tokens=2, cost=10**12)))
    assert write_lines(exported_lines([labelled]), tmp_path / "out") == 2
    a, b = (json.loads(line) for line in (tmp_path / "out").read_text(encoding="utf-8").splitlines())
    assert (a["model"], a["features"], a["cost_usd"], a["at"][:4]) == ("a", "Zg==", None, "1970")
    assert (b["input_tokens"], b["output_tokens"], b["cost_usd"]) == (1, 2, "1")


def test_a_grader_of_the_command_line(tmp_path: Path) -> None:
    def run(code: str, tests: str) -> Passed:
        return Passed(1, len(tests))

    schema, tests = tmp_path / "schema", tmp_path / "tests"
    schema.write_text('{"type": "integer"}', encoding="utf-8")
    tests.write_text("1234", encoding="utf-8")
    assert grader_for("schema", "text", None, schema, None, run).grade(Question(), "7") == 1.0
    assert grader_for("code", "text", None, None, tests, run).grade(Question(), "x") == 0.25
    with pytest.raises(InvalidRequest, match="kind is one of exact, number, regex, schema, code, not magic"):
        grader_for("magic", "text", None, None, None, run)
    with pytest.raises(ConfigurationError, match="pattern"):
        grader_for("regex", "text", None, None, None, run)
