"""What differs between providers, as data."""

from __future__ import annotations

from typing import Literal

import msgspec

from pointsman.secret import Secret as Secret


class KeyRule(msgspec.Struct, frozen=True):
    """What a key of this provider looks like; checked at start-up, so that a wrong one fails early."""

    prefix: str = ""
    min_length: int = 0


class Provider(msgspec.Struct, frozen=True):
    """An account at a provider: where to send, in which dialect, with which key."""

    name: str
    dialect: str
    base_url: str
    """Without a trailing slash; the dialect's path is put behind it."""
    auth: Literal["bearer", "x-api-key", "none"] = "bearer"
    api_key: Secret | None = None
    key_env: str = ""
    """The environment variable that names the key by convention."""
    key_rule: KeyRule = KeyRule()
    headers: tuple[tuple[str, str], ...] = ()
    """Sent with every request."""
    serves: tuple[str, ...] = ()
    """Providers of the catalog whose models can be had here, besides those of its own name."""
    model_names: dict[str, str] = {}
    """How this provider calls a model, by the catalog's id, where that differs."""
    counts_tokens: bool = False
    """Has an endpoint that counts the tokens of a request."""
    thought_signatures: bool = False
    """Gives tool calls a signature and demands it back (Gemini)."""
    legacy_max_tokens: bool = False
    """Heeds only OpenAI's older name of the output cap, ``max_tokens``. DeepSeek, for one, ignores
    ``max_completion_tokens`` without a word, and so answers, and bills, at any length."""
    prefix_at: str = ""
    """Goes on with the beginning of an answer only at this path, and only where the last message says
    ``"prefix": true`` (DeepSeek)."""
    learns_limits: bool = True
    """Its headers and refusals tell of rate limits."""
    simulated: bool = False

    def url(self, path: str) -> str:
        """The address of an endpoint. ``path`` is the dialect's: "/chat/completions", "/v1/messages".

        SDKs disagree on whether the version belongs to the base address, and users paste whole endpoints:
        a base that already ends in the version or in the path does not get it twice.
        """
        base = self.base_url.rstrip("/")
        if base.endswith(path):
            return base
        if path.startswith("/v1/") and base.endswith("/v1"):
            return base + path.removeprefix("/v1")
        return base + path

    def prefix_url(self, path: str) -> str:
        """The address of an endpoint where the beginning of an answer is taken; as ``url`` for most."""
        if not self.prefix_at:
            return self.url(path)
        base = self.base_url.rstrip("/").removesuffix(path).removesuffix("/v1").removesuffix(self.prefix_at)
        return base + self.prefix_at + path
