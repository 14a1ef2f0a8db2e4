"""The known providers, as a simulator stands in for them."""

from __future__ import annotations

import msgspec

from pointsman.providers.known import KNOWN
from pointsman.providers.provider import Provider, Secret

PATHS = {
    "anthropic": "/anthropic",
    "openai": "/openai/v1",
    "gemini": "/gemini",
    "deepseek": "/deepseek",
    "holysheep": "/holysheep/v1",
}
"""Where the simulator answers for each provider."""

_KEY = Secret("hs_simulated_key_that_opens_nothing")


def simulated_providers(simulator_url: str) -> tuple[Provider, ...]:
    """Every known provider, at a simulator such as ``http://127.0.0.1:9000``; the key opens nothing."""
    base = simulator_url.rstrip("/")
    return tuple(
        msgspec.structs.replace(known, base_url=base + PATHS[name], api_key=_KEY, simulated=True)
        for name, known in KNOWN.items()
    )
