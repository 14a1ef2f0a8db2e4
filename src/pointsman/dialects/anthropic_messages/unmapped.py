"""Top-level fields of other dialects that the hub has no word for: refused, passed on, or named."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from pointsman.errors import UntranslatableRequest

_OWN = frozenset(
    {
        "container",
        "context_management",
        "diagnostics",
        "inference_geo",
        "mcp_servers",
        "speed",
        "user_profile_id",
    }
)
"""Anthropic's own, which a caller of the library may set."""

_HARMLESS: dict[str, Callable[[Any], bool]] = {
    "n": lambda value: value == 1,
    "logprobs": lambda value: value is False,
    "top_logprobs": lambda value: value == 0,
    "modalities": lambda value: value == ["text"],
    "audio": lambda _: False,
    "web_search_options": lambda _: False,
    "functions": lambda value: value == [],
    "function_call": lambda value: value in ("none", "auto"),
}
"""Fields that ask for something else than one plain answer, unless they have one of these values."""


def encode_unmapped(unmapped: Mapping[str, Any], dropped: list[str]) -> dict[str, Any]:
    """Those that Anthropic takes.

    Raises:
        UntranslatableRequest: the answer would not be what was asked for.
    """
    kept: dict[str, Any] = {}
    for name, value in unmapped.items():
        if value is None:
            continue
        if name in _OWN:
            kept[name] = value
        elif name not in _HARMLESS:
            dropped.append(name)
        elif not _HARMLESS[name](value):
            raise UntranslatableRequest(
                f"{name}: Anthropic's models have nothing like it. Leave it out, or choose another model.",
                param=name,
            )
    return kept
