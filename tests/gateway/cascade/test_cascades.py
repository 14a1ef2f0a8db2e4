from __future__ import annotations

from typing import Any

import pytest

from pointsman.catalog import load_catalog
from pointsman.config.auto_routes import configured_autos
from pointsman.config.names import Names
from pointsman.errors import ConfigurationError
from pointsman.gateway.cascade.cascades import Cascade, compile_schema, configured_cascades
from pointsman.routing.cascade import (
    Accept,
    Agreement,
    Consistency,
    SchemaValid,
    ToolsValid,
    WellExpected,
    WellGraded,
)
from tests.support.cascade import asked, said
from tests.support.stack import settings

POOL = ["claude-haiku-4-5", "gpt-4o-mini", "claude-sonnet-4-5"]


def cascade(given: dict[str, Any], files: dict[str, bytes] | None = None, **more: Any) -> Cascade:
    table = {"policy": "cascade", "pool": POOL, "cascade": given} | more
    read = settings(auto={"x": table, "other": {"policy": "cheapest", "pool": POOL}})
    autos = configured_autos(read, Names(load_catalog(), ["anthropic", "openai"], {}))
    (made,) = configured_cascades(autos, (files or {}).__getitem__).values()
    return made


@pytest.mark.parametrize(
    ("given", "more", "kind"),
    [
        ({}, {}, Agreement),
        ({"accept": "consistency"}, {}, Consistency),
        ({"accept": "schema"}, {}, SchemaValid),
        ({"accept": "tools"}, {}, ToolsValid),
        ({"accept": "grader"}, {"grader": {"kind": "regex", "pattern": "yes"}}, WellGraded),
        ({"accept": "grader"}, {"grader": {"kind": "schema"}}, WellGraded),
        ({"accept": "score"}, {}, WellExpected),
    ],
)
def test_each_kind_of_acceptance_has_its_rule(
    given: dict[str, Any], more: dict[str, Any], kind: type[object]
) -> None:
    made = cascade(given, **more)
    assert type(made.rule) is kind
    assert made.samples == (3 if kind is Consistency else 1)
    assert made.needs_all is (kind is Agreement)
    assert (made.max_loss is not None) is (kind is WellExpected)


@pytest.mark.parametrize(
    ("given", "more", "path"),
    [
        ({}, {"grader": {"extract": "letters"}}, "auto.x.grader.extract"),
        ({"accept": "grader"}, {}, "auto.x.grader.kind"),
        ({"accept": "grader"}, {"grader": {"kind": "exact"}}, "auto.x.grader.kind"),
        ({"accept": "grader"}, {"grader": {"kind": "regex"}}, "auto.x.grader.kind"),
        ({"accept": "schema"}, {"grader": {"schema": "s.json"}}, "auto.x.grader.schema"),
    ],
)
def test_what_is_wrong_is_told_by_its_path(given: dict[str, Any], more: dict[str, Any], path: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        cascade(given, {"s.json": b"[1"}, **more)
    assert refused.value.param == path


def test_what_is_extracted_is_what_must_agree() -> None:
    replies = (said("so it is 4"), said("4.0"))
    assert cascade({}, grader={"extract": "number"}).rule.decide(asked(), replies).because == "agree"
    assert cascade({}).rule.decide(asked(), replies).because == "differ"


def test_a_file_has_the_schema_where_the_settings_name_one() -> None:
    made = cascade(
        {"accept": "schema"},
        {"s.json": b'{"type":"object","required":["a"]}'},
        grader={"schema": "s.json"},
    )
    assert made.rule.decide(asked(), (said('{"a":1}'),)) == Accept(0, "schema")
    assert made.rule.decide(asked(), (said('{"b":1}'),)).because == "invalid"


def test_a_grader_that_needs_no_right_answer_grades() -> None:
    made = cascade({"accept": "grader"}, grader={"kind": "regex", "pattern": "^ok"})
    assert made.rule.decide(asked(), (said("ok then"),)).because == "graded"
    assert made.rule.decide(asked(), (said("no"),)).because == "below"


def test_the_digest_is_of_what_decides_and_of_nothing_else() -> None:
    plain = cascade({}).digest
    assert (
        plain == cascade({"patience": 5.0, "certified": False}).digest == cascade({"first": POOL[:2]}).digest
    )
    others = {
        cascade({"first": POOL[1::-1]}).digest,
        cascade({"accept": "consistency"}).digest,
        cascade({"accept": "consistency", "share": 0.6}).digest,
        cascade({}, grader={"extract": "number"}).digest,
        cascade({}, baseline="gpt-4o").digest,
    }
    assert len(others | {plain}) == 6


def test_a_schema_that_is_none_is_told() -> None:
    with pytest.raises(ConfigurationError, match="no JSON schema"):
        compile_schema({"type": 5})
    validate = compile_schema({"type": "object", "properties": {"a": {"type": "integer"}}})
    assert validate({"a": 1}) is None
    assert validate({"a": "secret"}) == "does not follow the schema"
