"""The routes of the settings: which models serve a name, and where to go when they fail."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

from pointsman.config.flow import RouteSettings
from pointsman.config.load import join
from pointsman.config.names import Names
from pointsman.config.settings import Settings
from pointsman.errors import ConfigurationError
from pointsman.resilience.retry import RetryPolicy

Balance = Literal["weighted", "least_busy", "prefix"]


class Stage(msgspec.Struct, frozen=True):
    """Models that serve equally; the next stage is for when all of them fail."""

    models: tuple[str, ...]
    """Ids of the catalog, aliases or PROVIDER/MODEL, for the planner; never names of routes."""
    weights: tuple[int, ...]
    """As many as models; 0 is only used where all others fail."""
    balance: Balance = "weighted"


class RoutePolicy(msgspec.Struct, frozen=True):
    """A route, with what its fallbacks lead to put in their places."""

    name: str
    stages: tuple[Stage, ...]
    """In the order of preference; a model stands in the first only of those that name it."""
    on_refusal: Literal["stay", "next"] = "stay"
    hedge: bool = False
    continue_streams: bool = False

    def retries(self, policy: RetryPolicy) -> RetryPolicy:
        """The general policy, with what this route says."""
        return msgspec.structs.replace(
            policy,
            on_refusal="next" if self.on_refusal == "next" else "stop",
            continue_streams=self.continue_streams,
        )


def configured_routes(settings: Settings, names: Names) -> dict[str, RoutePolicy]:
    """By name.

    Raises:
        ConfigurationError: a model is not known, weights do not match the models, or routes fall back on
            each other in a circle.
    """
    routes = settings.routes
    own = {name: _own_stage(name, given, names) for name, given in routes.items()}
    for name, given in routes.items():
        for number, target in enumerate(given.fallbacks):
            if target not in routes:
                _check_model(target, f"{join('routes', name)}.fallbacks[{number}]", names)
        _check_circle(name, routes)
    return {
        name: RoutePolicy(
            name,
            _without_repeats(_stages(name, routes, own)),
            on_refusal=given.on_refusal,
            hedge=given.hedge,
            continue_streams=given.continue_streams,
        )
        for name, given in routes.items()
    }


def _own_stage(name: str, given: RouteSettings, names: Names) -> Stage:
    path = join("routes", name)
    if name in names.aliases:
        raise ConfigurationError(
            f"{path}: aliases has this name too; take it out of the one or the other", param=path
        )
    models = given.models or (name,)
    for number, model in enumerate(models):
        _check_model(model, f"{path}.models[{number}]" if given.models else f"{path}.models", names)
    weights = given.weights or (1,) * len(models)
    if len(weights) != len(models):
        raise ConfigurationError(
            f"{path}.weights: there are {len(weights)} for {len(models)} models; write one for each",
            param=f"{path}.weights",
        )
    if not any(weights):
        raise ConfigurationError(f"{path}.weights: at least one is above 0", param=f"{path}.weights")
    if len(set(models)) < len(models):
        raise ConfigurationError(
            f"{path}.models: one is named twice; give it a weight instead", param=f"{path}.models"
        )
    return Stage(models, weights, given.balance)


def _check_model(name: str, path: str, names: Names) -> None:
    if names.model(name) is None and names.free(name) is None:
        raise names.unknown(name, path)


def _check_circle(start: str, routes: Mapping[str, RouteSettings]) -> None:
    """Raise ConfigurationError if the fallbacks of ``start`` lead back to it."""
    ways: list[tuple[str, ...]] = [(start,)]
    seen = set[str]()
    while ways:
        way = ways.pop()
        for target in routes[way[-1]].fallbacks:
            if target == start:
                path = f"{join('routes', start)}.fallbacks"
                raise ConfigurationError(
                    f"{path}: this leads in a circle: {' → '.join((*way, start))}. To fall back on a model "
                    "and not on the route of its name, write PROVIDER/MODEL.",
                    param=path,
                )
            if target in routes and target not in seen:
                seen.add(target)
                ways.append((*way, target))


def _stages(name: str, routes: Mapping[str, RouteSettings], own: Mapping[str, Stage]) -> list[Stage]:
    if name not in routes:
        return [Stage((name,), (1,))]
    stages = [own[name]]
    for target in routes[name].fallbacks:
        stages += _stages(target, routes, own)
    return stages


def _without_repeats(stages: list[Stage]) -> tuple[Stage, ...]:
    seen = set[str]()
    kept = list[Stage]()
    for stage in stages:
        fresh = [
            (model, weight)
            for model, weight in zip(stage.models, stage.weights, strict=True)
            if model not in seen
        ]
        seen.update(stage.models)
        if fresh:
            models, weights = zip(*fresh, strict=True)
            kept.append(Stage(models, weights, stage.balance))
    return tuple(kept)
