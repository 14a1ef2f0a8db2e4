"""From the three sources to one checked tree: command line over environment over file.

Pure: the environment and the parsed file are arguments. Each value is checked where it stands, so that an
error can name the path of what is wrong, and the variable if it came from the environment.
"""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any, Literal, get_args, get_origin, get_type_hints

import msgspec

from pointsman.config.settings import Settings
from pointsman.errors import ConfigurationError
from pointsman.secret import Secret

PREFIX = "POINTSMAN_"
SEPARATOR = "__"

Tree = dict[str, Any]

_PLAIN_WORDS = {
    "int": "a whole number",
    "float": "a number",
    "str": "text",
    "bool": "true or false",
    "array": "a list",
    "object": "a table",
}


class _FromEnvironment(str):
    """Text of a variable, which is converted to the type of its setting."""

    __slots__ = ("variable",)
    variable: str


def load_settings(
    environment: Mapping[str, str], file: Mapping[str, Any], overrides: Mapping[str, object] | None = None
) -> Settings:
    """Merge and check the settings.

    Args:
        environment: variables such as ``POINTSMAN_SERVER__PORT``; others are left alone.
        file: the parsed ``pointsman.toml``.
        overrides: values of the command line by path, as ``{"server.port": 9000}``; None is "not given".

    Raises:
        ConfigurationError: names the path of the first setting that is wrong.
    """
    tree: Tree = _copy(file)
    for variable, text in environment.items():
        if variable.startswith(PREFIX) and SEPARATOR in variable[len(PREFIX) :]:
            value = _FromEnvironment(text)
            value.variable = variable
            _put(tree, variable[len(PREFIX) :].lower().split(SEPARATOR), value)
    for path, given in (overrides or {}).items():
        if given is not None:
            _put(tree, path.split("."), given)
    settings: Settings = _read(tree, Settings, "")
    return settings


def resolve_secret(written: Secret, environment: Mapping[str, str], path: str) -> Secret:
    """Follow ``env:NAME``; anything else is the secret itself.

    Raises:
        ConfigurationError: the variable is not set, or empty.
    """
    variable = secret_variable(written)
    if variable is None:
        return written
    value = environment.get(variable, "").strip()
    if not value:
        raise ConfigurationError(
            f"{path}: the environment variable {variable} is not set. Set it.", param=path
        )
    return Secret(value)


def secret_variable(written: Secret) -> str | None:
    """The name behind ``env:``; None if the secret itself is written there."""
    scheme, colon, variable = written.reveal().partition(":")
    return variable.strip() if colon and scheme == "env" else None


def _copy(table: Mapping[str, Any]) -> Tree:
    return {key: _copy(value) if isinstance(value, Mapping) else value for key, value in table.items()}


def _put(tree: Tree, path: list[str], value: object) -> None:
    for name in path[:-1]:
        inner = tree.get(name)
        if not isinstance(inner, dict):
            inner = tree[name] = {}
        tree = inner
    tree[path[-1]] = value


def _read(value: Any, kind: Any, path: str) -> Any:
    plain = get_args(kind)[0] if hasattr(kind, "__metadata__") else kind
    if isinstance(plain, type) and issubclass(plain, msgspec.Struct):
        return _read_table(value, plain, path)
    if get_origin(plain) is dict and not isinstance(value, _FromEnvironment):
        _expect_table(value, path)
        return {key: _read(item, get_args(plain)[1], join(path, key)) for key, item in value.items()}
    return _read_leaf(value, kind, path)


def _read_table(value: Any, struct: type[msgspec.Struct], path: str) -> Any:
    _expect_table(value, path)
    hints = get_type_hints(struct, include_extras=True)
    rest = next((name for name, hint in hints.items() if takes_the_rest(hint)), None)
    named = {name: hint for name, hint in hints.items() if name != rest}
    others = {key: item for key, item in value.items() if key not in named}
    for key, item in others.items():
        if rest is None or not isinstance(item, dict):
            raise _wrong(item, join(path, key), "there is no such setting" + _suggest(key, named))
    read = {key: _read(item, named[key], join(path, key)) for key, item in value.items() if key in named}
    if rest is not None:
        read[rest] = _read(others, hints[rest], path)
    for known in msgspec.structs.fields(struct):
        if known.required and known.name not in read:
            raise _wrong(value, join(path, known.name), "this is missing, and has no default")
    return struct(**read)


def takes_the_rest(hint: Any) -> bool:
    """Whether a field holds those tables of its struct that are no settings by name (``Meta(extra=…)``)."""
    return any((meta.extra or {}).get("rest") for meta in metas(hint))


def metas(hint: Any) -> list[msgspec.Meta]:
    return [meta for meta in getattr(hint, "__metadata__", ()) if isinstance(meta, msgspec.Meta)]


def _expect_table(value: Any, path: str) -> None:
    if not isinstance(value, dict):
        raise _wrong(value, path, f"expected a table, got {_name(value)}")


def _read_leaf(value: Any, kind: Any, path: str) -> Any:
    lax = isinstance(value, _FromEnvironment)
    try:
        if lax and value.lstrip().startswith(("[", "{")):
            return msgspec.json.decode(value.encode(), type=kind)
        return msgspec.convert(str(value) if lax else value, kind, strict=not lax, dec_hook=_decode_secret)
    except (msgspec.ValidationError, msgspec.DecodeError) as error:
        raise _wrong(value, path, _explain(error, kind)) from None


def _decode_secret(kind: type, value: object) -> Secret:
    if kind is not Secret or not isinstance(value, str) or not value.strip():
        raise ValueError('expected text, or "env:NAME"')
    return Secret(value.strip())


def _explain(error: Exception, kind: Any) -> str:
    choices = _choices(kind)
    if choices:
        return "expected " + " or ".join(f'"{choice}"' for choice in choices)
    text = str(error).partition(" - at ")[0].replace(" | null", "")
    for word, plain in _PLAIN_WORDS.items():
        text = text.replace(f"`{word}`", plain)
    return text[:1].lower() + text[1:]


def _choices(kind: Any) -> tuple[str, ...]:
    if get_origin(kind) is Literal:
        return get_args(kind)
    return tuple(choice for inner in get_args(kind) for choice in _choices(inner))


def _suggest(key: str, known: Mapping[str, object]) -> str:
    near = get_close_matches(key, known, n=1)
    return f"; did you mean {near[0]}?" if near else f"; there are {', '.join(sorted(known))}"


def _name(value: Any) -> str:
    if isinstance(value, str):
        return "text"
    return "a list" if isinstance(value, list) else _PLAIN_WORDS.get(type(value).__name__, "something else")


def _wrong(value: Any, path: str, what: str) -> ConfigurationError:
    source = f" (from {value.variable})" if isinstance(value, _FromEnvironment) else ""
    return ConfigurationError(f"{path}{source}: {what}", param=path)


def join(path: str, key: str) -> str:
    """The path of a key, quoted as TOML wants it where it holds a dot or another sign."""
    bare = key.replace("-", "").replace("_", "").isalnum() and key.isascii()
    name = key if bare else '"' + key + '"'
    return f"{path}.{name}" if path else name
