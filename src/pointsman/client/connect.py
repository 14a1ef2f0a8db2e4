"""Build what a client talks to, from its arguments and the environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from pointsman.config import find_file, load_settings, read_toml
from pointsman.errors import ConfigurationError
from pointsman.gateway.build import OPEN_DOOR, build_gateway
from pointsman.http1 import Http1Transport, Timeouts
from pointsman.ledger import MemoryLedger
from pointsman.ledger.sqlite import SqliteLedger
from pointsman.providers import configured_providers, simulated_providers

from .backend import Backend, InProcess, Remote

_REMOTE_TIMEOUTS = Timeouts(connect=5.0, first_byte=600.0, idle=600.0, total=None)
"""The gateway keeps the real deadlines; these only end a call whose gateway has vanished."""


def connect(
    *,
    base_url: str | None,
    api_key: str | None,
    config: str | None,
    ledger: str | None,
    simulator_url: str | None,
    environment: Mapping[str, str] | None = None,
) -> Backend:
    """A remote gateway if there is an address, else a journey of our own.

    Raises:
        ConfigurationError: nothing to talk to, or arguments that contradict each other.
    """
    environment = dict(os.environ) if environment is None else environment
    if base_url is not None:
        if config or ledger or simulator_url:
            raise ConfigurationError(
                "base_url is for a running gateway; config, ledger and simulator_url are for one in-process."
            )
        key = api_key or environment.get("POINTSMAN_API_KEY", "")
        return Remote(base_url, key, Http1Transport.from_environment(environment), _REMOTE_TIMEOUTS)
    if api_key is not None:
        raise ConfigurationError(
            "api_key is a virtual key of a gateway and needs its base_url; in-process, the providers' keys "
            "come from the environment or the settings file."
        )
    path = find_file(Path(config) if config else None, Path.cwd())
    settings = load_settings(environment, read_toml(path))
    providers = (
        simulated_providers(simulator_url) if simulator_url else configured_providers(settings, environment)
    )
    if not providers:
        raise ConfigurationError(
            "No provider is configured. Set ANTHROPIC_API_KEY, OPENAI_API_KEY, GEMINI_API_KEY, "
            "DEEPSEEK_API_KEY or HOLYSHEEP_API_KEY; or name a gateway by base_url, or a simulator by "
            "simulator_url."
        )
    store = SqliteLedger(Path(ledger)) if ledger else MemoryLedger()
    gateway = build_gateway(settings, providers, ledger=store, door=OPEN_DOOR, environment=environment)
    return InProcess(gateway)
