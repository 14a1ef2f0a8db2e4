"""An answer that is JSON and follows a schema is good."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import msgspec

from pointsman.errors import ConfigurationError, InvalidRequest
from pointsman.routing.labels.grader import Question

_FENCED = re.compile(r"\A\s*```(?:json)?[ \t]*\n(.*?)\n\s*```\s*\Z", re.DOTALL | re.IGNORECASE)
_LONGEST = 1_000_000
_STEPS = 10_000
"""A pattern of a schema may take at each text: such schemas come with requests, from anybody."""
_json = msgspec.json.Decoder()


class SchemaGrader:
    """The answer as a whole must be the JSON, in a code fence or not; any draft of JSON schema.

    Args:
        schema: for all questions; without it each brings its own, and those that bring none are not graded.
        path: the setting it comes from, for the error.

    Raises:
        ConfigurationError: it is no schema, or the library is not installed.
    """

    needs_reference = False
    slow = False

    def __init__(self, schema: dict[str, Any] | bool | None, path: str) -> None:
        validator("", True)
        self._validator = None
        if schema is not None:
            try:
                self._validator = validator(path, schema)
            except ValueError as error:
                raise ConfigurationError(f"{path}: this is no JSON schema: {error}.", param=path) from error

    def grade(self, question: Question, answer: str) -> float | None:
        check = self._validator
        if check is None:
            if question.schema is None:
                return None
            try:
                check = validator("", question.schema)
            except ValueError:
                return None  # what the request asked for is no schema, so no answer can follow it
        try:
            value = read_json(answer)
        except ValueError:
            return 0.0
        return float(check.is_valid(value))


def read_json(answer: str) -> Any:
    """Raises ValueError: it is none, or too long."""
    if len(answer) > _LONGEST:
        raise ValueError("too long")
    fenced = _FENCED.match(answer)
    try:
        return _json.decode(fenced[1] if fenced else answer)
    except (msgspec.DecodeError, RecursionError, UnicodeEncodeError) as error:
        raise ValueError(str(error)) from None


def validator(path: str, schema: dict[str, Any] | bool) -> Any:
    """A compiled schema. Nothing is fetched, whatever it refers to.

    Raises:
        ValueError: it is none.
        ConfigurationError: the library is not installed.
    """
    try:
        import jsonschema_rs  # noqa: PLC0415 - an extra, which most do without
    except ImportError as error:
        raise ConfigurationError(
            "Grading by JSON schema needs a library: pip install 'pointsman[grade]'.", param=path or None
        ) from error
    try:
        return jsonschema_rs.validator_for(
            schema, offline=True, pattern_options=jsonschema_rs.FancyRegexOptions(backtrack_limit=_STEPS)
        )
    except (jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError) as error:
        raise ValueError(str(error).splitlines()[0]) from error


def compile_schema(schema: dict[str, Any] | bool) -> Callable[[Any], str | None]:
    """From a schema to what says what is wrong with a value; None if nothing is.

    Raises:
        InvalidRequest: it is no schema.
        ConfigurationError: the library is not installed.
    """
    try:
        check = validator("", schema)
    except ValueError as error:
        raise InvalidRequest(f"This is no JSON schema: {error}.") from error

    def wrong(value: Any) -> str | None:
        first = next(check.iter_errors(value), None)
        return None if first is None else str(first.message)

    return wrong
