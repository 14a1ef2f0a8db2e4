"""Where the simulated providers are, and in which dialect each place speaks."""

from __future__ import annotations

from typing import Literal

import msgspec

from .limits import Family

Action = Literal["chat", "count", "embed", "models"]


class Place(msgspec.Struct, frozen=True):
    """What a path leads to."""

    provider: str
    family: Family
    action: Action
    argument: str = ""
    """The id behind ``/models/``."""


BASES: tuple[tuple[str, str], ...] = (
    ("openai", "/openai/v1"),
    ("anthropic", "/anthropic"),
    ("gemini", "/gemini"),
    ("deepseek", "/deepseek"),
    ("holysheep", "/holysheep/v1"),
)
"""The base address of each provider, as a client is told."""

_OPENAI: tuple[tuple[str, str], ...] = (
    ("openai", "/openai/v1"),
    ("openai", "/openai"),
    ("gemini", "/gemini/v1beta/openai"),
    ("gemini", "/gemini/v1beta"),
    ("gemini", "/gemini/v1"),
    ("gemini", "/gemini"),
    ("deepseek", "/deepseek/v1"),
    ("deepseek", "/deepseek/beta"),
    ("deepseek", "/deepseek"),
    ("holysheep", "/holysheep/v1"),
    ("holysheep", "/holysheep"),
)
_ANTHROPIC: tuple[tuple[str, str], ...] = (
    ("anthropic", "/anthropic/v1"),
    ("deepseek", "/deepseek/anthropic/v1"),
)


def _table() -> dict[str, Place]:
    table: dict[str, Place] = {}
    for provider, base in _OPENAI:
        table[base + "/chat/completions"] = Place(provider, "openai", "chat")
        table[base + "/embeddings"] = Place(provider, "openai", "embed")
        table[base + "/models"] = Place(provider, "openai", "models")
    for provider, base in _ANTHROPIC:
        table[base + "/messages"] = Place(provider, "anthropic", "chat")
        table[base + "/messages/count_tokens"] = Place(provider, "anthropic", "count")
        table[base + "/models"] = Place(provider, "anthropic", "models")
    return table


_PLACES = _table()


def find_place(path: str) -> Place | None:
    """What is at ``path``; None if nothing is."""
    place = _PLACES.get(path)
    if place is not None:
        return place
    before, slash, argument = path.rpartition("/models/")
    listed = _PLACES.get(before + "/models") if slash and argument else None
    return None if listed is None else msgspec.structs.replace(listed, argument=argument)
