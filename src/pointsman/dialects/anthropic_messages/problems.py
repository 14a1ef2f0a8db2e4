"""The decoder's complaints, in words and with a path that the caller can find."""

from __future__ import annotations

import re

import msgspec

_AT = re.compile(r" - at `\$\.?(.*)`$", re.DOTALL)
_MISSING = re.compile(r"Object missing required field `(.+?)`")


def describe(error: msgspec.ValidationError, prefix: str = "") -> tuple[str, str]:
    """``(path, message)`` of what does not fit, as in ``messages[2].content``.

    Args:
        prefix: path of the value that was decoded, where it is not the whole body.
    """
    text = str(error)
    at = _AT.search(text)
    path = prefix
    if at is not None:
        text = text[: at.start()]
        path = join(prefix, at.group(1))
    missing = _MISSING.fullmatch(text)
    if missing is not None:
        return join(path, missing.group(1)), "Field required"
    return path, text


def join(prefix: str, path: str) -> str:
    if not prefix or not path or path.startswith("["):
        return prefix + path
    return f"{prefix}.{path}"
