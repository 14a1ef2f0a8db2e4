"""The limits of the settings, in the form that the book of limits takes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal

import msgspec

from pointsman.catalog import Model
from pointsman.config.flow import LimitSettings
from pointsman.config.load import join
from pointsman.config.names import Names
from pointsman.config.settings import Settings
from pointsman.errors import ConfigurationError
from pointsman.keys import KeyLimits
from pointsman.limits.request.book import ANY_SHAPE, SHAPES, Ceilings, Shape
from pointsman.limits.values.limit import Scope


def configured_ceilings(
    settings: Settings, names: Names, shapes: Mapping[str, Shape] | None = None
) -> dict[Scope, Ceilings]:
    """All limits of the settings, by whose they are: ``[limits.MODEL]`` of a model wherever it is had,
    ``[providers.NAME.limits]`` of an account, ``[providers.NAME.limits.MODEL]`` of a model there.

    A deployment is PROVIDER/MODEL with the catalog's id. Below a provider a name that the catalog does not
    know is the provider's own.

    Args:
        shapes: by provider's name. A model's minute is counted as its maker does, since who writes down a
            limit of a model means the maker's.

    Raises:
        ConfigurationError: a model is not known, or limited twice under two of its names.
    """
    return {
        scope: ceilings
        for scope, given, window, slack_us in _scopes(settings, names, shapes or {})
        if (ceilings := _ceilings(given, window, slack_us)).amounts()
    }


def limit_shapes(settings: Settings, dialects: Mapping[str, str]) -> dict[str, Shape]:
    """How each provider counts a minute, by its name; ``queue.slack`` goes before what is usual.

    Args:
        dialects: by provider's name.
    """
    slack = settings.queue.slack
    found = {name: SHAPES.get(dialect, ANY_SHAPE) for name, dialect in dialects.items()}
    if slack is None:
        return found
    slack_us = round(slack * 1_000_000)
    return {name: msgspec.structs.replace(shape, slack_us=slack_us) for name, shape in found.items()}


def key_ceilings(limits: KeyLimits) -> Ceilings:
    """The limits of a key, without what says how its requests wait."""
    return Ceilings(limits.rpm, limits.input_tpm, limits.output_tpm, limits.tpm, limits.concurrency)


def _ceilings(
    given: LimitSettings, window: Literal["refill", "rolling"] | None, slack_us: int | None
) -> Ceilings:
    return Ceilings(
        given.rpm, given.input_tpm, given.output_tpm, given.tpm, given.concurrency, window, slack_us
    )


def _scopes(
    settings: Settings, names: Names, shapes: Mapping[str, Shape]
) -> Iterator[tuple[Scope, LimitSettings, Literal["refill", "rolling"] | None, int | None]]:
    """Whose limits, which, and how a minute is counted for them, where that is not left to the book."""
    for name, (given, model) in _by_model(settings.limits, "limits", names).items():
        if model is None:
            raise names.unknown(name, join("limits", name))
        usual = shapes.get(model.provider, ANY_SHAPE)
        yield Scope("model", model.id), given, given.window or usual.window, usual.slack_us
    for provider, settings_of in settings.providers.items():
        account = settings_of.limits
        yield Scope("provider", provider), account, account.window, None
        path = f"{join('providers', provider)}.limits"
        for name, (given, _) in _by_model(account.models, path, names).items():
            yield Scope("deployment", f"{provider}/{name}"), given, given.window or account.window, None


def _by_model(
    tables: Mapping[str, LimitSettings], path: str, names: Names
) -> dict[str, tuple[LimitSettings, Model | None]]:
    """By the catalog's id, or by the name as it is where the catalog does not know it."""
    found: dict[str, tuple[LimitSettings, Model | None]] = {}
    said: dict[str, str] = {}
    for name, given in tables.items():
        model = names.model(name)
        model_id = name if model is None else model.id
        if model_id in found:
            here = join(path, name)
            raise ConfigurationError(
                f"{here}: this is the same model as {said[model_id]}; write its limits into one table",
                param=here,
            )
        said[model_id] = name
        found[model_id] = (given, model)
    return found
