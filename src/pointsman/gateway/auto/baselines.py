"""From the settings to what savings are measured against. No provider's key is needed for it."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from pointsman.catalog import Catalog, load_catalog
from pointsman.config import (
    AutoRoute,
    Names,
    RoutePolicy,
    Settings,
    configured_autos,
    configured_routes,
    custom_models,
    known_as,
)
from pointsman.costs.savings import Baseline, Identify
from pointsman.errors import ModelNotFound
from pointsman.providers.known import KNOWN

from .route_money import RouteMoney


class Models(msgspec.Struct, frozen=True):
    """What the settings say of models, worked out."""

    names: Names
    routes: Mapping[str, RoutePolicy]
    autos: Mapping[str, AutoRoute]

    @property
    def catalog(self) -> Catalog:
        return self.names.catalog

    def known_as(self, name: str) -> str:
        """How labels, routers and certificates spell a model."""
        return known_as(name, self.names, self.routes)


def read_models(settings: Settings) -> Models:
    """
    Raises:
        ConfigurationError: a setting of models or routes is wrong.
    """
    catalog = load_catalog(custom_models(settings.models))
    names = Names(catalog, {*KNOWN, *settings.providers}, settings.aliases)
    return Models(names, configured_routes(settings, names), configured_autos(settings, names))


def baseline_of(name: str, models: Models) -> Baseline:
    """The model, alias, PROVIDER/MODEL or route of this name. Of a route all models of its first stage count,
    and the first one's prices.

    Raises:
        ModelNotFound: there is none; names what is near it.
    """
    known = models.known_as(name)
    policy = models.routes.get(known)
    members = (known,) if policy is None else tuple(map(models.known_as, policy.stages[0].models))
    found = [_id_and_model(member, models) for member in members]
    if any(pair is None for pair in found):
        near = models.catalog.suggest(name)
        hint = f"Near it: {', '.join(near)}." if near else "See all: pointsman models --all"
        raise ModelNotFound(f"No model {name} in the catalog. {hint}")
    pairs = [pair for pair in found if pair is not None]
    ids = frozenset(ident for ident, _ in pairs)
    return Baseline(known, ids, models.catalog.resolve(pairs[0][1]))


def _id_and_model(name: str, models: Models) -> tuple[str, str] | None:
    """The id that entries have, and the catalog's name, which is there or not."""
    model = models.names.model(name)
    if model is not None:
        return model.id, model.id
    free = models.names.free(name)
    if free is None:
        return None
    model = models.catalog.resolve(free[1])
    return (free[1], free[1]) if model is None else (model.id, model.id)


def route_money(settings: Settings, models: Models) -> RouteMoney | None:
    """What counts the money of the routes of the settings; None where there are none."""
    baselines = {name: baseline_of(auto.models[-1], models) for name, auto in models.autos.items()}
    return RouteMoney(baselines, identify_with(settings, models.catalog)) if baselines else None


def identify_with(settings: Settings, catalog: Catalog) -> Identify:
    """By provider and the name that it was asked for: the id of the model, as entries have it."""
    ids: dict[tuple[str, str], str] = {}
    for name, known in KNOWN.items():
        ids |= {(name, upstream): ident for ident, upstream in known.model_names.items()}
    for name, given in settings.providers.items():
        ids |= {(name, upstream): ident for ident, upstream in given.models.items()}
    for ident, model in settings.models.items():
        ids[model.provider, model.name or ident] = ident

    def identify(provider: str, model: str) -> str:
        found = ids.get((provider, model))
        if found is None:
            known = catalog.resolve(model)
            found = ids[provider, model] = model if known is None else known.id
        return found

    return identify
