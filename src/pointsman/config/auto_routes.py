"""The tables `[auto.NAME]` of the settings, checked: what `model: "auto"` and `"auto:NAME"` mean."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from pointsman.config.auto import AutoSettings
from pointsman.config.load import join
from pointsman.config.names import Names
from pointsman.config.settings import Settings
from pointsman.errors import ConfigurationError

AUTO = "auto"
DEFAULT = "default"


class AutoRoute(msgspec.Struct, frozen=True):
    """A pool of models to choose from, and how."""

    name: str
    """NAME of `[auto.NAME]`."""
    pool: tuple[str, ...]
    """As the settings spell them, the weakest first; the last is the baseline."""
    models: tuple[str, ...]
    """The same as labels, routers and certificates spell them: ids of the catalog, PROVIDER/MODEL, routes."""
    first: tuple[int, ...]
    """Of a cascade: positions in the pool of those that are asked first."""
    settings: AutoSettings

    @property
    def model(self) -> str:
        """What callers ask for."""
        return auto_model(self.name)


def auto_model(name: str) -> str:
    """The model's name that means `[auto.NAME]`."""
    return AUTO if name == DEFAULT else f"{AUTO}:{name}"


def configured_autos(settings: Settings, names: Names) -> dict[str, AutoRoute]:
    """By name.

    Raises:
        ConfigurationError: there is no model to choose, or a name leads nowhere or stands there twice; names
            the path of the setting.
    """
    return {name: _auto(name, given, names, settings.routes) for name, given in settings.auto.items()}


def keep_days(settings: Settings) -> dict[str, int]:
    """Days that decisions are kept, by the names of routes."""
    return {name: given.keep_days for name, given in settings.auto.items()}


def _auto(name: str, given: AutoSettings, names: Names, routes: Mapping[str, object]) -> AutoRoute:
    path = join("auto", name)
    taken = next((known for known in (names.aliases, routes) if auto_model(name) in known), None)
    if taken is not None:
        where = "aliases" if taken is names.aliases else "routes"
        raise _wrong(path, f"{where} has {auto_model(name)} too; take it out of the one or the other")
    for number, model in enumerate(given.pool):
        _check(model, f"{path}.pool[{number}]", names, routes)
    if given.baseline is not None:
        _check(given.baseline, f"{path}.baseline", names, routes)
    if not given.pool and (given.policy != "fixed" or given.baseline is None):
        what = "baseline or pool" if given.policy == "fixed" else "pool"
        raise _wrong(f"{path}.pool", f'policy "{given.policy}" needs a {what}: models, the weakest first')
    pool = _with_baseline_last(given, path, names, routes)
    models = tuple(known_as(model, names, routes) for model in pool)
    for number, model in enumerate(models):
        if model in models[:number]:
            raise _wrong(f"{path}.pool", f"{model} is named twice")
    return AutoRoute(name, pool, models, _first(given, models, path, names, routes), given)


def _with_baseline_last(
    given: AutoSettings, path: str, names: Names, routes: Mapping[str, object]
) -> tuple[str, ...]:
    if given.baseline is None:
        return given.pool
    baseline = known_as(given.baseline, names, routes)
    weaker = tuple(model for model in given.pool if known_as(model, names, routes) != baseline)
    return (*weaker, given.baseline)


def _first(
    given: AutoSettings, models: tuple[str, ...], path: str, names: Names, routes: Mapping[str, object]
) -> tuple[int, ...]:
    if given.policy != "cascade":
        return ()
    path = f"{path}.cascade.first"
    usual = 2 if given.cascade.accept == "agreement" else 1
    if not given.cascade.first:
        first = tuple(range(usual))
    else:
        first = tuple(
            _position(model, f"{path}[{number}]", models, names, routes)
            for number, model in enumerate(given.cascade.first)
        )
    if len(models) - 1 < usual or len(models) - 1 in first:
        raise _wrong(path, "those asked first are others than the baseline, and the pool has too few of them")
    if given.cascade.accept == "agreement" and len(set(first)) < 2:
        raise _wrong(path, "agreement is between two models: name two")
    return first


def _position(
    model: str, path: str, models: tuple[str, ...], names: Names, routes: Mapping[str, object]
) -> int:
    _check(model, path, names, routes)
    known = known_as(model, names, routes)
    if known not in models:
        raise _wrong(path, f"{model} is not in the pool: {', '.join(models)}")
    return models.index(known)


def known_as(name: str, names: Names, routes: Mapping[str, object]) -> str:
    """How labels, routers and certificates spell a model: one name, however the settings or a caller do."""
    target = names.aliases.get(name, name)
    if target in routes:
        return target
    model = names.model(target)
    return target if model is None else model.id


def _check(name: str, path: str, names: Names, routes: Mapping[str, object]) -> None:
    target = names.aliases.get(name, name)
    if target == AUTO or target.startswith(f"{AUTO}:"):
        raise _wrong(path, f"{name} chooses a model itself; name the models")
    if target not in routes and names.model(target) is None and names.free(target) is None:
        raise names.unknown(target, path)


def _wrong(path: str, what: str) -> ConfigurationError:
    return ConfigurationError(f"{path}: {what}", param=path)
