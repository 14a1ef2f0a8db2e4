"""The decoder's complaints, in OpenAI's words and with a path that the caller can find."""

from __future__ import annotations

import re

import msgspec

from pointsman.errors import InvalidRequest

_AT = re.compile(r" - at `\$\.?(.*)`$", re.DOTALL)
_MISSING = re.compile(r"Object missing required field `(.+?)`")
_TYPE = re.compile(r"Expected `(.+?)`, got `(.+?)`")


def invalid(error: msgspec.ValidationError, field: str) -> InvalidRequest:
    """The error to raise where the value of top-level ``field`` does not fit its type."""
    text = str(error)
    path = field
    at = _AT.search(text)
    if at is not None:
        text = text[: at.start()]
        below = at.group(1)
        path += below if below.startswith("[") or not below else f".{below}"
    if missing := _MISSING.fullmatch(text):
        return missing_parameter(f"{path}.{missing.group(1)}")
    if wrong := _TYPE.fullmatch(text):
        expected = wrong.group(1).replace(" | null", "").replace(" | ", " or ")
        return InvalidRequest(
            f"Invalid type for '{path}': expected {expected}, but got {wrong.group(2)} instead.",
            param=path,
            code="invalid_type",
        )
    return InvalidRequest(f"Invalid value for '{path}': {text}.", param=path, code="invalid_value")


def invalid_value(path: str, problem: str) -> InvalidRequest:
    return InvalidRequest(f"Invalid value for '{path}': {problem}.", param=path, code="invalid_value")


def missing_parameter(path: str) -> InvalidRequest:
    return InvalidRequest(
        f"Missing required parameter: '{path}'.", param=path, code="missing_required_parameter"
    )
