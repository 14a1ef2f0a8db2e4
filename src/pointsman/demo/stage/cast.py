"""Who plays whom: real providers where there is a key, simulated ones for the rest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from pointsman.errors import ConfigurationError
from pointsman.providers import simulated_providers
from pointsman.providers.known import KEY_VARIABLES

PLAYERS = ("anthropic", "openai", "gemini", "deepseek")
"""The providers whose models the prompts name."""


class Cast(msgspec.Struct, frozen=True):
    real: tuple[str, ...]
    """Providers that are really called, since their key is in the environment."""
    simulated: tuple[str, ...]

    @property
    def all_simulated(self) -> bool:
        return not self.real


def choose_cast(environment: Mapping[str, str], *, simulated_only: bool) -> Cast:
    """A key of HolySheep, which serves every model, leaves nothing to simulate."""
    keyed = () if simulated_only else tuple(name for name in KEY_VARIABLES if _has_key(name, environment))
    if "holysheep" in keyed:
        return Cast(keyed, ())
    return Cast(keyed, tuple(name for name in PLAYERS if name not in keyed))


def provider_tables(cast: Cast, simulator_url: str) -> str:
    """The tables ``[providers.NAME]`` of the gateway's settings."""
    stand_ins = {provider.name: provider for provider in simulated_providers(simulator_url)}
    tables = [f"[providers.{name}]\n" for name in cast.real]
    for name in cast.simulated:
        stand_in = stand_ins[name]
        tables.append(f'[providers.{name}]\nbase_url = "{stand_in.base_url}"\napi_key = "simulated"\n')
    return "\n".join(tables)


def address_in(line: str) -> str:
    """The first address in a line such as "Pointsman is ready at http://127.0.0.1:8080 (59 models)".

    Raises:
        ConfigurationError: there is none.
    """
    for word in line.split():
        if word.startswith("http://"):
            return word.rstrip(".,)")
    raise ConfigurationError(f"There is no address in: {line}")


def simulator_in(line: str) -> str:
    """The simulator's root in its ready line, whose first address is that of one provider."""
    scheme, host = address_in(line).split("://")
    return f"{scheme}://{host.split('/')[0]}"


def environment_for(environment: Mapping[str, str], cast: Cast) -> dict[str, str]:
    """What the gateway's process gets: the keys of those who are really called, and no others."""
    hidden = {name for player, names in KEY_VARIABLES.items() if player not in cast.real for name in names}
    own = {name for name in environment if name.startswith("POINTSMAN_")}
    return {name: value for name, value in environment.items() if name not in hidden | own}


def _has_key(name: str, environment: Mapping[str, str]) -> bool:
    variables: Sequence[str] = KEY_VARIABLES[name]
    return any(environment.get(variable, "").strip() for variable in variables)
