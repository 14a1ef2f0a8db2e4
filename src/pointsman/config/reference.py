"""Every setting, as a table row. ``docs/configuration.md`` holds these rows, and a test compares."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple, TypeGuard, get_args, get_origin, get_type_hints

import msgspec

from pointsman.config.load import metas, takes_the_rest
from pointsman.config.settings import Settings


class Setting(NamedTuple):
    path: str
    """With NAME or MODEL where the user chooses the name: ``providers.NAME.base_url``."""
    default: str
    """As TOML, "required", or "" where nothing is set."""
    description: str


def all_settings() -> tuple[Setting, ...]:
    return tuple(_settings(Settings, ""))


def _settings(struct: type[msgspec.Struct], prefix: str) -> Iterator[Setting]:
    hints = get_type_hints(struct, include_extras=True)
    for known in msgspec.structs.fields(struct):
        hint = hints[known.name]
        path = prefix if takes_the_rest(hint) else f"{prefix}{known.name}."
        plain = get_args(hint)[0] if hasattr(hint, "__metadata__") else hint
        value_type = get_args(plain)[1] if get_origin(plain) is dict else None
        if _is_table(plain):
            yield from _settings(plain, path)
        elif _is_table(value_type):
            yield from _settings(value_type, f"{path}{_key_name(hint)}.")
        else:
            yield Setting(prefix + known.name, _default(known), _description(hint))


def _key_name(hint: Any) -> str:
    """What the documents call the names that the user chooses."""
    return next((str(meta.extra["key"]) for meta in metas(hint) if meta.extra), "NAME")


def _is_table(kind: object) -> TypeGuard[type[msgspec.Struct]]:
    return isinstance(kind, type) and issubclass(kind, msgspec.Struct)


def _default(known: msgspec.structs.FieldInfo) -> str:
    if known.required:
        return "required"
    value = known.default
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int | float) else ""


def _description(hint: Any) -> str:
    return "".join(meta.description or "" for meta in metas(hint))
