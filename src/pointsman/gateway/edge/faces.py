"""Faces: which path means what."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import msgspec

from pointsman.errors import MethodNotAllowed, NotFound
from pointsman.gateway.call.values import Answer, Arrival
from pointsman.keys import KeyInfo

Run = Callable[[Arrival], Awaitable[Answer]]
NOBODY = KeyInfo(id="", name="", tenant="")


class Action(msgspec.Struct, frozen=True):
    """What to do for a path."""

    run: Run
    has_body: bool
    public: KeyInfo | None = None
    """Set where no key is asked for."""


class Faces:
    """The table of paths. Exact paths first; a path that ends in "/" stands for everything below it."""

    def __init__(self, table: dict[tuple[str, str], Action]) -> None:
        self._exact = {key: action for key, action in table.items() if not key[1].endswith("/")}
        self._below = {key: action for key, action in table.items() if key[1].endswith("/")}

    def find(self, method: str, path: str) -> Action:
        """Raises NotFound or MethodNotAllowed, naming what there is."""
        action = self._exact.get((method, path))
        if action is not None:
            return action
        for (verb, prefix), candidate in self._below.items():
            if verb == method and path.startswith(prefix) and len(path) > len(prefix):
                return candidate
        allowed = sorted(verb for verb, known in self._exact if known == path)
        if allowed:
            raise MethodNotAllowed(f"{path} takes {' or '.join(allowed)}, not {method}.")
        known = ", ".join(f"{verb} {known}" for verb, known in self._exact)
        hint = (
            " The base URL for OpenAI SDKs ends in /v1; for Anthropic SDKs it does not."
            if "/v1/v1" in path
            else ""
        )
        raise NotFound(f"There is nothing at {path}.{hint} Known: {known}.")
