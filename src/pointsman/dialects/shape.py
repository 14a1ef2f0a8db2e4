"""Whether a JSON value is of a shape, and holds nothing beside it. Pure.

The decoders into the hub pass over what they have no word for, deep in a message as well. Who must know that
the hub holds *all* of a request (a cache, whose answers are given to whoever asks the same) asks here first.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

Shape: TypeAlias = Callable[[Any], bool]
"""True for a value that has it. None, which means as much as absence, is never shown to one."""


def anything(_: Any) -> bool:
    """Kept as it is by the hub, or of no account."""
    return True


def scalar(value: Any) -> bool:
    return not isinstance(value, dict | list)


def nothing(_: Any) -> bool:
    return False


def array(item: Shape) -> Shape:
    return lambda value: isinstance(value, list) and all(map(item, value))


def either(*shapes: Shape) -> Shape:
    return lambda value: any(shape(value) for shape in shapes)


def record(fields: Mapping[str, Shape]) -> Shape:
    """An object with no other fields than these."""

    def fits(value: Any) -> bool:
        return isinstance(value, dict) and all(
            inner is None or fields.get(name, nothing)(inner) for name, inner in value.items()
        )

    return fits


def by(field: str, kinds: Mapping[str | None, Shape]) -> Shape:
    """An object whose shape depends on the text in one of its fields (None: where that is absent)."""

    def fits(value: Any) -> bool:
        if not isinstance(value, dict):
            return False
        kind = value.get(field)
        return (kind is None or isinstance(kind, str)) and kinds.get(kind, nothing)(value)

    return fits
