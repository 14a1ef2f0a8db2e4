"""The limits of the settings, in the form that the room of limits takes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal, get_args

from pointsman.catalog import Model
from pointsman.config.flow import LimitSettings
from pointsman.config.load import join
from pointsman.config.names import Names
from pointsman.config.settings import Settings
from pointsman.errors import ConfigurationError
from pointsman.limits.limit import Dimension, Limit, Scope, make_limit


def configured_limits(settings: Settings, names: Names) -> tuple[Limit, ...]:
    """All limits of the settings: ``[limits.MODEL]`` of a model wherever it is had,
    ``[providers.NAME.limits]`` of an account, ``[providers.NAME.limits.MODEL]`` of a model there.

    Below a provider a name that the catalog does not know is the provider's own, as in PROVIDER/MODEL.

    Raises:
        ConfigurationError: a model is not known, or limited twice under two of its names.
    """
    slack_us = round(settings.queue.slack * 1_000_000)
    return tuple(
        make_limit(
            scope,
            dimension,
            amount,
            window=window,
            slack_us=slack_us,
        )
        for scope, given, window in _scopes(settings, names)
        for dimension in get_args(Dimension)
        if (amount := getattr(given, dimension)) is not None
    )


def usual_window(provider: str) -> Literal["refill", "rolling"]:
    """How a provider counts a minute: Anthropic's buckets flow back evenly. For everyone else a limit that
    holds in any minute is what is safe, whichever way they count."""
    return "refill" if provider == "anthropic" else "rolling"


def _scopes(
    settings: Settings, names: Names
) -> Iterator[tuple[Scope, LimitSettings, Literal["refill", "rolling"]]]:
    """Whose limits, which, and how a minute is counted for them."""
    for model_id, (given, model) in _by_model(settings.limits, "limits", names).items():
        if model is None:
            raise names.unknown(model_id, join("limits", model_id))
        yield Scope("model", model_id), given, given.window or usual_window(model.provider)
    for provider, settings_of in settings.providers.items():
        account = settings_of.limits
        usual = account.window or usual_window(provider)
        yield Scope("provider", provider), account, usual
        path = f"{join('providers', provider)}.limits"
        for model_id, (given, _) in _by_model(account.models, path, names).items():
            yield Scope("deployment", f"{provider}/{model_id}"), given, given.window or usual


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
