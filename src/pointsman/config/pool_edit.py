"""Changes the pool of a table ``[auto.NAME]`` in the text of a settings file, and nothing else. Pure."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Sequence
from copy import deepcopy
from typing import Any

_HEADER = re.compile(
    r"^[ \t]*\[[ \t]*auto[ \t]*\.[ \t]*(?P<name>[^\]\n]+?)[ \t]*\][ \t]*(?:#.*)?$", re.MULTILINE
)
_ANY_HEADER = re.compile(r"^[ \t]*\[", re.MULTILINE)
_POOL = re.compile(r"^[ \t]*pool[ \t]*=[ \t]*(?=\[)", re.MULTILINE)
_TOKEN = re.compile(r"""#[^\n]*|"(?:\\.|[^"\\\n])*"|'[^'\n]*'|[\[\]]""")


def with_pool(text: str, name: str, pool: Sequence[str]) -> str | None:
    """The text with that pool; None where it is not written in a way that can be changed safely: not in a
    table of its own, or with anything else changed by it. Comments within the old list are lost.

    Raises:
        tomllib.TOMLDecodeError: the text is no TOML.
    """
    before = tomllib.loads(text)
    span = _span(text, name)
    if span is None:
        return None
    start, end = span
    # A JSON string is a TOML one as well, but for characters beyond 16 bits written as two.
    listed = ", ".join(json.dumps(model, ensure_ascii=False) for model in pool)
    changed = f"{text[:start]}[{listed}]{text[end:]}"
    return changed if _loads(changed) == _expected(before, name, pool) else None


def _span(text: str, name: str) -> tuple[int, int] | None:
    """Where the old list stands."""
    for header in _HEADER.finditer(text):
        if header["name"].strip("\"'") != name:
            continue
        following = _ANY_HEADER.search(text, header.end())
        pool = _POOL.search(text, header.end(), following.start() if following else len(text))
        return None if pool is None else _list_at(text, pool.end())
    return None


def _list_at(text: str, start: int) -> tuple[int, int] | None:
    depth = 0
    for token in _TOKEN.finditer(text, start):
        if token[0] == "[":
            depth += 1
        elif token[0] == "]":
            depth -= 1
            if not depth:
                return start, token.end()
    return None


def _expected(before: dict[str, Any], name: str, pool: Sequence[str]) -> dict[str, Any]:
    after = deepcopy(before)
    after["auto"][name]["pool"] = list(pool)
    return after


def _loads(text: str) -> dict[str, Any] | None:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return None
