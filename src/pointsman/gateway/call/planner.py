"""Plan: from the model that the caller names to the place where it is to be had."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

import msgspec

from pointsman.catalog import Catalog, Model, Preset, lifecycle_warning
from pointsman.chat import Request
from pointsman.config.auto_routes import AUTO
from pointsman.config.routes import RoutePolicy
from pointsman.dialects import get_dialect
from pointsman.dialects.base import Dialect
from pointsman.errors import ModelNotFound
from pointsman.providers import Provider
from pointsman.resilience import RetryPolicy

from .values import Plan, Route, Stage, make_route

_NO_DEFAULTS: Mapping[str, object] = {}
_SETTINGS = ("temperature", "top_p", "max_output")
_NICKNAMES = frozenset({"opus-4", "sonnet-4", "haiku-4", "deepseek-v3.2"})
"""Aliases of the catalog that no provider knows. Any other alias is the provider's own name for a model, a
dated snapshot for one, and is sent as the caller wrote it."""
PRESET_PREFIX = "preset:"


class Planner:
    """Resolves model names. Pure: built from values, answers with values.

    A name is looked up as, in this order: an alias of the settings, ``preset:NAME``, a route of the settings
    (which may offer a choice), a model or alias of the catalog (at its own provider if there is a key for it,
    else at one that serves it too), and ``PROVIDER/NAME`` for anything else that a configured provider may
    know.
    """

    def __init__(
        self,
        catalog: Catalog,
        providers: tuple[Provider, ...],
        *,
        aliases: Mapping[str, str] | None = None,
        presets: Mapping[str, Preset] | None = None,
        routes: Mapping[str, RoutePolicy] | None = None,
        retries: RetryPolicy | None = None,
        autos: Mapping[str, str] | None = None,
    ) -> None:
        """
        Args:
            autos: names that leave the choice to us, and the model that stands for each where one is needed:
                its baseline.
        """
        self._catalog = catalog
        self._providers = {provider.name: provider for provider in providers}
        self._aliases = dict(aliases or {})
        self._presets = dict(presets or {})
        self._policies = dict(routes or {})
        self._retries = retries or RetryPolicy()
        self._autos = dict(autos or {})
        self._dialects: dict[str, Dialect] = {p.name: get_dialect(p.dialect) for p in providers}
        self._homes = self._find_homes()
        self._available = tuple(model for model in catalog.all() if model.provider in self._homes)
        self._routes: dict[str, Route] = {}
        self._plans: dict[str, Plan] = {}
        """Those that are the same for everybody and on every day, by the name that was asked for."""
        self._day = date.min
        self._plans_of_day: dict[str, Plan] = {}
        """Those whose warning depends on the day."""

    def plan(self, name: str, today: Callable[[], date]) -> Plan:
        """Raises ModelNotFound, saying what could have been meant or which key is missing."""
        if (known := self._plans.get(name)) is not None:
            return known
        if (day := today()) != self._day:
            self._day = day
            self._plans_of_day.clear()
        elif (known := self._plans_of_day.get(name)) is not None:
            return known
        defaults, preset = _NO_DEFAULTS, None
        target = self._aliases.get(name, name)
        if target in self._autos:
            target = self._aliases.get(self._autos[target], self._autos[target])
        if target.startswith(PRESET_PREFIX):
            target, preset = self._preset(target.removeprefix(PRESET_PREFIX))
        policy = self._policies.get(target)
        stages = () if policy is None else self._stages(policy)
        route = stages[0].routes[0] if stages else self._known_route(target)
        model = route.model
        if preset is not None and model is not None:
            defaults = preset_defaults(preset, model)
        plan = Plan(route, defaults)
        if policy is not None:
            plan = Plan(route, defaults, "", stages, policy.retries(self._retries), policy.hedge)
        if model is None:
            return plan  # a free name is the caller's to choose: not kept, so bounded
        if model.retires is None and model.status != "retired":
            self._plans[name] = plan
            return plan
        plan = msgspec.structs.replace(plan, warning=lifecycle_warning(model, day) or "")
        self._plans_of_day[name] = plan
        return plan

    def available(self) -> tuple[Model, ...]:
        """Models of the catalog that a configured provider serves, in the catalog's order."""
        return self._available

    def offered(self) -> tuple[Model, ...]:
        """``available``, and behind them the routes of the settings that have names of their own, each as the
        model that it asks first, and the names that leave the choice to us, as their baselines."""
        routes = [name for name in self._policies if self._catalog.resolve(name) is None]
        named = [(name, name) for name in routes] + list(self._autos.items())
        return (*self._available, *(model for name, target in named for model in self._under(name, target)))

    def _under(self, name: str, target: str) -> tuple[Model, ...]:
        """The model that is asked first for ``target``, under another name; none if it is not served here."""
        target = self._aliases.get(target, target)
        policy = self._policies.get(target)
        try:
            route = self._known_route(target) if policy is None else self._stages(policy)[0].routes[0]
        except ModelNotFound:
            return ()
        return () if route.model is None else (msgspec.structs.replace(route.model, id=name),)

    @property
    def providers(self) -> tuple[Provider, ...]:
        return tuple(self._providers.values())

    @property
    def presets(self) -> Mapping[str, Preset]:
        return self._presets

    def _find_homes(self) -> dict[str, Provider]:
        """By provider of the catalog: who is asked for its models."""
        homes: dict[str, Provider] = {}
        for provider in self._providers.values():
            for served in provider.serves:
                homes.setdefault(served, provider)
        return homes | self._providers

    def _preset(self, name: str) -> tuple[str, Preset]:
        preset = self._presets.get(name)
        if preset is None:
            known = ", ".join(sorted(self._presets)) or "none"
            raise ModelNotFound(f"There is no preset '{name}'. Known presets: {known}.", param="model")
        return self._aliases.get(preset.model, preset.model), preset

    def _stages(self, policy: RoutePolicy) -> tuple[Stage, ...]:
        """Of a route of the settings: what of it a configured provider serves.

        Raises:
            ModelNotFound: nothing of it.
        """
        stages: list[Stage] = []
        missing: ModelNotFound | None = None
        for stage in policy.stages:
            found: list[tuple[Route, float]] = []
            for name, weight in zip(stage.models, stage.weights, strict=True):
                try:
                    found.append((self._known_route(self._aliases.get(name, name)), float(weight)))
                except ModelNotFound as error:
                    missing = missing or error
            if found:
                routes, weights = zip(*found, strict=True)
                stages.append(Stage(routes, weights, stage.balance))
        if not stages and missing is not None:
            raise missing
        return tuple(stages)

    def _known_route(self, name: str) -> Route:
        route = self._routes.get(name)
        if route is None:
            route = self._find_route(name)
            if route.model is not None:
                self._routes[name] = route
        return route

    def _find_route(self, name: str) -> Route:
        model = self._catalog.resolve(name)
        if model is not None:
            home = self._homes.get(model.provider)
            if home is None:
                raise ModelNotFound(self._no_home(model), param="model")
            return self._route(home, model, name)
        prefix, slash, rest = name.partition("/")
        provider = self._providers.get(prefix)
        if slash and rest and provider is not None:
            return self._route(provider, self._catalog.resolve(rest), rest)
        raise ModelNotFound(self._unknown(name), param="model")

    def _route(self, provider: Provider, model: Model | None, asked: str) -> Route:
        dialect = self._dialects[provider.name]
        upstream = asked
        if model is not None:
            upstream = provider.model_names.get(model.id) or _wire_name(model, asked)
        return make_route(provider, dialect, upstream, model)

    def _no_home(self, model: Model) -> str:
        return (
            f"'{model.id}' is a model of {model.provider}, and no provider that serves it is configured. "
            f"Set the key of {model.provider} in the environment, or add [providers.{model.provider}] to "
            "pointsman.toml; `pointsman doctor` shows what is configured."
        )

    def _unknown(self, name: str) -> str:
        if name == AUTO or name.startswith(f"{AUTO}:"):
            there = ", ".join(self._autos) or "none"
            table = name.removeprefix(AUTO)[1:] or "default"
            return (
                f"'{name}' is not set up here: [auto.{table}] in pointsman.toml would say what it chooses "
                f"from. There are: {there}."
            )
        near = self._catalog.suggest(name)
        hint = f" Did you mean {' or '.join(near)}?" if near else ""
        return (
            f"The model '{name}' is not known.{hint} `GET /v1/models` lists what can be asked for; a model "
            "that the catalog does not know is asked for as PROVIDER/MODEL."
        )


def preset_defaults(preset: Preset, model: Model) -> Mapping[str, object]:
    """What the preset sets on a request that says nothing itself, by hub name."""
    filled = preset.fill(Request(model="", messages=()), model)
    return {name: value for name in _SETTINGS if (value := getattr(filled, name)) is not None}


def _wire_name(model: Model, asked: str) -> str:
    return asked if asked in model.aliases and asked not in _NICKNAMES else model.id
