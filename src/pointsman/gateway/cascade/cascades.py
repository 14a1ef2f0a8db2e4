"""The cascades of the settings: for each `[auto.NAME]` with that policy, the rule of acceptance."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from hashlib import blake2b
from typing import Any

import msgspec

from pointsman.config.auto import AutoSettings
from pointsman.config.auto_routes import AutoRoute
from pointsman.errors import ConfigurationError
from pointsman.routing.cascade import (
    Agreement,
    Asked,
    Consistency,
    Reply,
    Rule,
    SchemaValid,
    ToolsValid,
    Validate,
    WellExpected,
    WellGraded,
    extractor,
)
from pointsman.routing.labels.grader import Grader, Question
from pointsman.routing.labels.graders.regex import RegexGrader
from pointsman.routing.labels.graders.schema import SchemaGrader, validator

ReadFile = Callable[[str], bytes]
"""Raises ConfigurationError: it cannot be read."""


class Cascade(msgspec.Struct, frozen=True):
    """One route's."""

    rule: Rule
    samples: int
    """Answers of each of the first models."""
    needs_all: bool
    """One that fails decides it already."""
    patience: float
    """Seconds."""
    max_loss: float | None
    """The rule goes by what a router expects."""
    digest: str
    """Of all that decides whether an answer is believed: a certificate is for one of these."""


def no_files(path: str) -> bytes:
    raise ConfigurationError(f"{path} cannot be read here.")


def configured_cascades(autos: Mapping[str, AutoRoute], read: ReadFile = no_files) -> dict[str, Cascade]:
    """By name of the route.

    Raises:
        ConfigurationError: a setting is wrong, or a file of it; names the path of the setting.
    """
    return {
        name: make_cascade(auto, read) for name, auto in autos.items() if auto.settings.policy == "cascade"
    }


def make_cascade(auto: AutoRoute, read: ReadFile = no_files) -> Cascade:
    given, path = auto.settings, f"auto.{auto.name}"
    accept, spec = given.cascade.accept, given.cascade
    rule: Rule
    if accept == "agreement":
        rule = Agreement(extractor(given.grader.extract, f"{path}.grader.extract"))
    elif accept == "consistency":
        rule = Consistency(extractor(given.grader.extract, f"{path}.grader.extract"), spec.share)
    elif accept == "schema":
        rule = SchemaValid(compile_schema, _own_schema(given, path, read))
    elif accept == "tools":
        compile_schema({})  # so that a missing library is told at the start
        rule = ToolsValid(compile_schema)
    elif accept == "grader":
        rule = WellGraded(partial(_grade, _grader(given, path, read)), spec.least_grade)
    else:
        rule = WellExpected(spec.max_loss)
    return Cascade(
        rule,
        spec.samples if accept == "consistency" else 1,
        accept == "agreement",
        spec.patience,
        spec.max_loss if accept == "score" else None,
        _digest(auto),
    )


def compile_schema(schema: dict[str, Any]) -> Validate:
    """Raises ConfigurationError: it is no schema, or the library for schemas is not installed."""
    try:
        check = validator("", schema)
    except ValueError as error:
        raise ConfigurationError(f"This is no JSON schema: {error}.") from error

    def validate(value: Any) -> str | None:
        return None if check.is_valid(value) else "does not follow the schema"

    return validate


def _own_schema(given: AutoSettings, path: str, read: ReadFile) -> Validate | None:
    compile_schema({})
    if given.grader.schema is None:
        return None
    path = f"{path}.grader.schema"
    try:
        return compile_schema(msgspec.json.decode(read(given.grader.schema), type=dict[str, Any]))
    except (msgspec.DecodeError, ConfigurationError) as error:
        raise ConfigurationError(f"{path}: {error}", param=path) from error


def _grader(given: AutoSettings, path: str, read: ReadFile) -> Grader:
    """One that grades an answer by itself, and at once."""
    grader, at = given.grader, f"{path}.grader"
    if grader.kind == "regex" and grader.pattern is not None:
        return RegexGrader(extractor(grader.extract, f"{at}.extract"), grader.pattern, f"{at}.pattern")
    if grader.kind == "schema":
        schema = None if grader.schema is None else msgspec.json.decode(read(grader.schema))
        return SchemaGrader(schema, f"{at}.schema")
    raise ConfigurationError(
        f'{at}.kind: a cascade with accept = "grader" needs a grader that knows a good answer without the '
        "right one, and at once: regex (with a pattern) or schema.",
        param=f"{at}.kind",
    )


def _grade(grader: Grader, asked: Asked, reply: Reply) -> float | None:
    wanted = asked.request.response_format
    return grader.grade(Question(schema=None if wanted is None else wanted.schema), reply.text)


def _digest(auto: AutoRoute) -> str:
    given = auto.settings
    spec = msgspec.structs.replace(given.cascade, patience=1.0, certified=True, first=())
    said = (spec, [auto.models[at] for at in auto.first], auto.models[-1], given.grader)
    return "cascade_" + blake2b(msgspec.json.encode(said, order="sorted"), digest_size=10).hexdigest()
