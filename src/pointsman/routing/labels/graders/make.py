"""From the words of settings to a grader."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import msgspec

from pointsman.errors import ConfigurationError
from pointsman.routing.cascade import extractor
from pointsman.routing.labels.grader import Grader

from .code import CodeGrader, RunTests
from .exact import ExactGrader
from .number import NumberGrader
from .regex import RegexGrader
from .schema import SchemaGrader

Kind = Literal["exact", "number", "regex", "schema", "code"]


class Spec(msgspec.Struct, frozen=True):
    """What a grader is made of. Files are read by whoever makes it."""

    kind: Kind
    extract: str = "text"
    pattern: str | None = None
    schema: bytes | None = None
    """JSON."""
    tests: str | None = None


def make_grader(spec: Spec, run_tests: RunTests, path: str = "grader") -> Grader:
    """
    Args:
        run_tests: runs code, confined: ``labels.subprocess.run_tests``.
        path: of the settings, for errors.

    Raises:
        ConfigurationError: something is missing or wrong; says which setting.
    """
    makers: dict[Kind, Callable[[], Grader]] = {
        "exact": lambda: ExactGrader(_extract(spec, path)),
        "number": lambda: NumberGrader(_extract(spec, path)),
        "regex": lambda: RegexGrader(_extract(spec, path), _pattern(spec, path), f"{path}.pattern"),
        "schema": lambda: SchemaGrader(_schema(spec, path), f"{path}.schema"),
        "code": lambda: CodeGrader(spec.tests, run_tests),
    }
    return makers[spec.kind]()


def _extract(spec: Spec, path: str) -> Callable[[str], str | None]:
    if spec.extract == "text" and spec.kind in ("number", "regex"):
        return _as_it_is  # a pattern may go by case; and "18 %." is no other number than "18 %"
    return extractor(spec.extract, f"{path}.extract")


def _as_it_is(text: str) -> str | None:
    return text


def _pattern(spec: Spec, path: str) -> str:
    if spec.pattern is None:
        raise ConfigurationError(
            f"{path}.pattern: a grader of kind regex needs the pattern that good answers match.",
            param=f"{path}.pattern",
        )
    return spec.pattern


def _schema(spec: Spec, path: str) -> dict[str, Any] | bool | None:
    if spec.schema is None:
        return None
    try:
        return msgspec.json.decode(spec.schema, type=dict[str, Any] | bool)
    except msgspec.DecodeError as error:
        raise ConfigurationError(
            f"{path}.schema: this is no JSON schema: {error}.", param=f"{path}.schema"
        ) from error
