"""Which model a setting means: one look-up for limits and routes."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import msgspec

from pointsman.catalog import Catalog, Model
from pointsman.errors import ConfigurationError


class Names(msgspec.Struct, frozen=True):
    """The names that settings may use for models."""

    catalog: Catalog
    """With the models of the settings."""
    providers: Collection[str]
    """The configured ones."""
    aliases: Mapping[str, str]
    """Those of the settings."""

    def model(self, name: str) -> Model | None:
        return self.catalog.resolve(self.aliases.get(name, name))

    def free(self, name: str) -> tuple[str, str] | None:
        """Provider and model of PROVIDER/MODEL; None where it is no such name, or of no provider here."""
        provider, slash, model = self.aliases.get(name, name).partition("/")
        return (provider, model) if slash and model and provider in self.providers else None

    def unknown(self, name: str, path: str) -> ConfigurationError:
        """What to raise where a name leads nowhere."""
        provider, slash, _ = name.partition("/")
        if slash and provider not in self.providers:
            there = ", ".join(self.providers) or "none"
            what = f"no provider {provider} is configured; there are: {there}"
        else:
            near = self.catalog.suggest(name)
            mend = f"did you mean {near[0]}?" if near else "see pointsman models"
            what = f"there is no model {name}; {mend}"
        return ConfigurationError(f"{path}: {what}", param=path)
