"""Choose what a client talks to, from its arguments and the environment."""

from __future__ import annotations

import os
from collections.abc import Mapping

from pointsman.errors import ConfigurationError

from .backend import Backend


def connect(
    *,
    base_url: str | None,
    api_key: str | None,
    config: str | None,
    ledger: str | None,
    simulator_url: str | None,
    environment: Mapping[str, str] | None = None,
) -> Backend:
    """A remote gateway if there is an address, else a journey of our own. Loads the code of just that one.

    Raises:
        ConfigurationError: nothing to talk to, or arguments that contradict each other.
    """
    environment = dict(os.environ) if environment is None else environment
    if base_url is not None:
        if config or ledger or simulator_url:
            raise ConfigurationError(
                "base_url is for a running gateway; config, ledger and simulator_url are for one in-process."
            )
        if not base_url.startswith(("http://", "https://")):
            raise ConfigurationError(
                f"base_url must begin with http:// or https://, which {base_url!r} does not.",
                param="base_url",
            )
        from .remote import build_remote  # noqa: PLC0415 - so that importing the client loads no HTTP

        return build_remote(base_url, api_key or environment.get("POINTSMAN_API_KEY", ""), environment)
    if api_key is not None:
        raise ConfigurationError(
            "api_key is a virtual key of a gateway and needs its base_url; in-process, the providers' keys "
            "come from the environment or the settings file."
        )
    from .in_process import build_in_process  # noqa: PLC0415 - so that importing it loads no gateway

    return build_in_process(
        config=config, ledger=ledger, simulator_url=simulator_url, environment=environment
    )
