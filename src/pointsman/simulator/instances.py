"""An instance of a JSON schema: what a model with structured output would answer."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from .dice import Dice

_DEEP = 6
"""Below this depth only what is required is made, so that schemas that contain themselves come to an end."""

_FORMATS: Mapping[str, str] = {
    "date": "2026-03-14",
    "date-time": "2026-03-14T09:26:53Z",
    "time": "09:26:53Z",
    "email": "ada@example.com",
    "uri": "https://example.com/item",
    "uuid": "6f1d3b9a-2c54-4e0b-9a57-0c8f1f6f2d11",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "hostname": "example.com",
    "duration": "P3D",
}

_PLACES = re.compile(r"\b(?:in|for|at|near|to|from)\s+([A-Z]\w+(?:\s[A-Z]\w+)?)")
_NUMBERS = re.compile(r"\b\d+(?:\.\d+)?\b")
_CAPITALS = re.compile(r"(?<![.!?]\s)(?<!^)\b([A-Z]\w{2,}(?:\s[A-Z]\w+)?)")


def instance(schema: Mapping[str, Any], prompt: str, dice: Dice) -> Any:
    """A value that the schema allows, with words and numbers of the prompt where they fit."""
    return _Maker(schema, prompt, dice).make(schema, "value", 0)


class _Maker:
    def __init__(self, root: Mapping[str, Any], prompt: str, dice: Dice) -> None:
        self._root = root
        self._prompt = prompt[:4000]
        self._dice = dice

    def make(self, schema: Any, path: str, depth: int) -> Any:
        if not isinstance(schema, Mapping):
            return "yes"
        schema = self._resolve(schema, path, depth)
        if "const" in schema:
            return schema["const"]
        if schema.get("enum"):
            return self._dice.choice(path, schema["enum"])
        kind = self._kind(schema, path, depth)
        match kind:
            case "object":
                return self._object(schema, path, depth)
            case "array":
                return self._array(schema, path, depth)
            case "string":
                return self._string(schema, path)
            case "integer" | "number":
                return self._number(schema, path, whole=kind == "integer")
            case "boolean":
                return self._dice.bits(path) % 2 == 0
            case _:
                return None

    def _resolve(self, schema: Mapping[str, Any], path: str, depth: int) -> Mapping[str, Any]:
        for _ in range(16):
            if "$ref" in schema:
                rest = {key: value for key, value in schema.items() if key != "$ref"}
                schema = {**self._target(str(schema["$ref"])), **rest}
            elif branches := [part for key in ("anyOf", "oneOf") for part in schema.get(key, ())]:
                rest = {key: value for key, value in schema.items() if key not in ("anyOf", "oneOf")}
                schema = {**rest, **self._branch(branches, path, depth)}
            elif "allOf" in schema:
                schema = _merged(schema, [self._resolve(part, path, depth) for part in schema["allOf"]])
            else:
                break
        return schema

    def _target(self, reference: str) -> Mapping[str, Any]:
        node: Any = self._root
        for step in reference.removeprefix("#").strip("/").split("/"):
            name = step.replace("~1", "/").replace("~0", "~")
            if name:
                node = node.get(name, {}) if isinstance(node, Mapping) else {}
        return node if isinstance(node, Mapping) else {}

    def _branch(self, branches: list[Any], path: str, depth: int) -> Mapping[str, Any]:
        usable = [branch for branch in branches if isinstance(branch, Mapping)]
        if depth > _DEEP:
            flat = [branch for branch in usable if branch.get("type") not in ("object", "array", None)]
            usable = flat or usable
        else:
            usable = [branch for branch in usable if branch.get("type") != "null"] or usable
        return self._dice.choice(path + "?", usable) if usable else {}

    def _kind(self, schema: Mapping[str, Any], path: str, depth: int) -> str:
        kind = schema.get("type")
        if isinstance(kind, list):
            if depth > _DEEP and "null" in kind:
                return "null"
            named = [name for name in kind if name != "null"] or ["null"]
            return str(self._dice.choice(path + ":", named))
        if kind is None:
            if "items" in schema:
                return "array"
            return "object" if "properties" in schema else "string"
        return str(kind)

    def _object(self, schema: Mapping[str, Any], path: str, depth: int) -> dict[str, Any]:
        properties: Mapping[str, Any] = schema.get("properties", {})
        required = schema.get("required", ())
        names = [name for name in properties if depth <= _DEEP or name in required]
        made = {name: self.make(properties[name], f"{path}.{name}", depth + 1) for name in names}
        made |= {name: "yes" for name in required if name not in made}
        return made

    def _array(self, schema: Mapping[str, Any], path: str, depth: int) -> list[Any]:
        least = int(schema.get("minItems", 0))
        most = int(schema.get("maxItems", max(least, 3)))
        count = least if depth > _DEEP else min(most, max(least, self._dice.integer(path + "#", 1, 3)))
        items = schema.get("items", {"type": "string"})
        return [self.make(items, f"{path}[{number}]", depth + 1) for number in range(count)]

    def _string(self, schema: Mapping[str, Any], path: str) -> str:
        if schema.get("format") in _FORMATS:
            return _FORMATS[schema["format"]]
        name = path.rsplit(".", 1)[-1].lower()
        text = self._word(name)
        least, most = int(schema.get("minLength", 0)), schema.get("maxLength")
        while len(text) < least:
            text += " " + text
        return text if most is None else text[: int(most)]

    def _word(self, name: str) -> str:
        if any(mark in name for mark in ("city", "location", "place", "destination", "country")):
            found = _PLACES.findall(self._prompt)
            return str(found[0]) if found else "Paris"
        if "date" in name:
            return "2026-03-14"
        if "mail" in name:
            return "ada@example.com"
        if any(mark in name for mark in ("name", "title", "subject", "company", "person", "author")):
            found = _CAPITALS.findall(self._prompt)
            return str(found[0]) if found else "Ada Lovelace"
        if any(mark in name for mark in ("query", "question", "text", "reason", "summary", "description")):
            return " ".join(self._prompt.split()[:12]) or "nothing"
        words = [word.strip(".,:;!?\"'()") for word in self._prompt.split()]
        long = [word for word in words if len(word) > 3 and word.isalpha()]
        return self._dice.choice(name, long) if long else "example"

    def _number(self, schema: Mapping[str, Any], path: str, *, whole: bool) -> int | float:
        found = _NUMBERS.findall(self._prompt)
        value = float(self._dice.choice(path, found)) if found else float(self._dice.integer(path, 1, 99))
        low, high = schema.get("minimum"), schema.get("maximum")
        above, below = schema.get("exclusiveMinimum"), schema.get("exclusiveMaximum")
        if not whole and (above is not None or below is not None):
            floor = above if low is None else low
            ceiling = below if high is None else high
            if floor is not None and ceiling is not None:
                return (float(floor) + float(ceiling)) / 2
        low = above + 1 if low is None and above is not None else low
        high = below - 1 if high is None and below is not None else high
        if low is not None:
            value = max(value, float(low))
        if high is not None:
            value = min(value, float(high))
        step = schema.get("multipleOf")
        if step:
            multiple = -(-value // step) if low is not None else value // step
            value = multiple * step
        return int(value) if whole or value.is_integer() else value


def _merged(schema: Mapping[str, Any], parts: list[Mapping[str, Any]]) -> dict[str, Any]:
    merged: dict[str, Any] = {key: value for key, value in schema.items() if key != "allOf"}
    for part in parts:
        for key, value in part.items():
            if key == "properties":
                merged[key] = {**merged.get(key, {}), **value}
            elif key == "required":
                merged[key] = [*merged.get(key, ()), *value]
            else:
                merged.setdefault(key, value)
    return merged
