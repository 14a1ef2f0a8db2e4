from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pointsman.config.auto_routes import configured_autos
from pointsman.config.graders import RouteGrader, route_grader
from pointsman.config.names import Names
from pointsman.errors import ConfigurationError
from pointsman.routing.labels import Question
from pointsman.routing.labels.subprocess import Passed
from tests.support.gateway import packaged_catalog
from tests.support.stack import settings

POOL = ["claude-haiku-4-5", "claude-opus-4-8"]


def run(code: str, tests: str) -> Passed:
    return Passed(1, 1 if tests == "pass" else 2)


def made(grader: dict[str, Any], **auto: Any) -> RouteGrader | None:
    given = settings(auto={"default": {"pool": POOL, "grader": grader} | auto}, aliases={"wise": POOL[1]})
    names = Names(packaged_catalog(), ["anthropic", "openai"], given.aliases)
    return route_grader(configured_autos(given, names)["default"], names, run)


def test_each_kind_is_made_of_its_settings(tmp_path: Path) -> None:
    schema, tests = tmp_path / "schema.json", tmp_path / "tests.py"
    schema.write_text('{"type": "integer"}', encoding="utf-8")
    tests.write_text("assert f(1) == 1", encoding="utf-8")
    cases: list[tuple[dict[str, Any], str, float | None]] = [
        ({"kind": "exact", "extract": "choice"}, "(B)", 1.0),
        ({"kind": "number"}, "It is 12.", 0.0),
        ({"kind": "regex", "pattern": "[0-9]"}, "It is 12.", 1.0),
        ({"kind": "schema", "schema": str(schema)}, "12", 1.0),
        ({"kind": "schema"}, "12", None),
        ({"kind": "code", "tests": str(tests)}, "def f(x): return x", 0.5),
    ]
    for given, answer, score in cases:
        grader = made(given)
        assert grader is not None and grader.grader is not None
        assert grader.grader.grade(Question(reference="B. 3"), answer) == score, given


@pytest.mark.parametrize("model", [POOL[1], "wise", "openai/whatever"])
def test_a_judge_is_a_model(model: str) -> None:
    grader = made({"kind": "judge", "model": model})
    assert grader == RouteGrader(judge=model)


def test_nothing_is_graded_unless_it_is_asked_for() -> None:
    assert made({}) is None
    assert made({"extract": "number"}) is None


@pytest.mark.parametrize(
    ("grader", "auto", "words"),
    [
        ({}, {"shadow": {"share": 0.02}}, r"shadow\.share: shadows without a grader .* set auto"),
        ({"kind": "judge"}, {}, r"grader\.model: a judge is a model: name it"),
        ({"kind": "judge", "model": "auto"}, {}, r"grader\.model: auto chooses a model itself"),
        ({"kind": "judge", "model": "claude-hiku"}, {}, r"grader\.model: there is no model claude-hiku"),
        ({"kind": "regex"}, {}, r"grader\.pattern"),
        ({"kind": "exact", "pattern": "x"}, {}, r"grader\.pattern: means nothing for a grader of kind exact"),
        ({"kind": "number", "model": POOL[0]}, {}, r"grader\.model: means nothing"),
        ({"kind": "code"}, {}, r"grader\.tests: a grader of kind code needs"),
        (
            {"kind": "code", "tests": "/nowhere/tests.py"},
            {},
            r"grader\.tests: /nowhere/tests.py cannot be read",
        ),
        ({"kind": "schema", "schema": "/nowhere"}, {}, r"grader\.schema: /nowhere cannot be read"),
        ({"kind": "exact", "extract": "colour"}, {}, r"grader\.extract"),
    ],
)
def test_what_is_wrong_is_named_by_its_path(grader: dict[str, Any], auto: dict[str, Any], words: str) -> None:
    with pytest.raises(ConfigurationError, match=r"auto\.default\." + words):
        made(grader, **auto)


def test_what_a_cascade_goes_by_may_stand_beside_any_grader() -> None:
    cascade = {"policy": "cascade", "pool": ["claude-haiku-4-5", "gpt-4o-mini", "claude-opus-4-8"]}
    assert made({"kind": "judge", "model": POOL[1], "extract": "number"}, **cascade) is not None
    with pytest.raises(ConfigurationError, match="extract: means nothing"):
        made({"kind": "judge", "model": POOL[1], "extract": "number"})


def test_a_machine_that_cannot_confine_code_says_so_at_the_start(tmp_path: Path) -> None:
    (tmp_path / "tests.py").write_text("assert True", encoding="utf-8")

    def cannot(code: str, tests: str) -> Passed:
        raise ConfigurationError("code cannot be run safely on this machine")

    given = settings(
        auto={"x": {"pool": POOL, "grader": {"kind": "code", "tests": str(tmp_path / "tests.py")}}}
    )
    names = Names(packaged_catalog(), ["anthropic"], {})
    with pytest.raises(ConfigurationError, match="cannot be run safely"):
        route_grader(configured_autos(given, names)["x"], names, cannot)
