"""What ``pointsman doctor`` says of limits, routes and Redis, worked out from facts. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pointsman.catalog import Model
from pointsman.config import Names, Settings, configured_ceilings, configured_routes
from pointsman.config.load import join
from pointsman.errors import ConfigurationError
from pointsman.providers import Provider

from .findings import Finding


def limits(settings: Settings, names: Names, providers: Sequence[Provider]) -> list[Finding]:
    """Limits that are wrong, or that nothing will ever count against."""
    try:
        ceilings = configured_ceilings(settings, names)
    except ConfigurationError as error:
        return [_wrong(error)]
    if not ceilings:
        return []
    found = [
        Finding(
            "doubtful",
            join("limits", name),
            f"no configured provider serves {model.id}, so nothing is counted",
            f"set the key of {model.provider}, or take the limit out",
        )
        for name in settings.limits
        if (model := names.model(name)) is not None and not is_served(model, providers)
    ]
    found += _at_providers(settings, names)
    count = sum(len(given.amounts()) for given in ceilings.values())
    return [Finding("good", "limits", f"{count} configured"), *found]


def _at_providers(settings: Settings, names: Names) -> Iterable[Finding]:
    """Below a provider any name will do, since it may be the provider's own; so a slip of the pen would."""
    for provider, given in settings.providers.items():
        for name in given.limits.models:
            if names.model(name) is None:
                near = names.catalog.suggest(name)
                yield Finding(
                    "doubtful",
                    join(f"{join('providers', provider)}.limits", name),
                    f"the catalog has no such model, so it only holds for requests for {provider}/{name}",
                    f"did you mean {near[0]}?" if near else "nothing, if that is what you mean",
                )


def routes(settings: Settings, names: Names, providers: Sequence[Provider]) -> list[Finding]:
    """Routes that are wrong, or lead to models that nobody serves."""
    try:
        found = configured_routes(settings, names)
    except ConfigurationError as error:
        return [_wrong(error)]
    findings = []
    for name, route in found.items():
        models = [model for stage in route.stages for model in stage.models]
        missing = [model for model in models if not _can_be_asked(model, names, providers)]
        path = join("routes", name)
        if len(missing) == len(models):
            mend = "set the key of a provider that serves one of them"
            findings.append(Finding("wrong", path, f"nobody serves {', '.join(missing)}", mend))
        elif missing:
            message = f"nobody serves {', '.join(missing)}, so that is left out"
            findings.append(Finding("doubtful", path, message, "set the key, or take it out of the route"))
        else:
            findings.append(Finding("good", path, f"leads to {', '.join(models)}"))
    return findings


def redis(trouble: str) -> Finding:
    """``trouble``: why it cannot be used; "" if it can."""
    if trouble:
        mend = "look at redis.url and the network; meanwhile a replica goes on within its share"
        return Finding("wrong", "redis", f"cannot be used: {trouble}", mend)
    return Finding("good", "redis", "answers, so replicas share their limits")


def is_served(model: Model, providers: Iterable[Provider]) -> bool:
    """Whether a request for the model has somewhere to go."""
    return any(model.provider in (provider.name, *provider.serves) for provider in providers)


def _can_be_asked(name: str, names: Names, providers: Iterable[Provider]) -> bool:
    model = names.model(name)
    return names.free(name) is not None if model is None else is_served(model, providers)


def _wrong(error: ConfigurationError) -> Finding:
    path, _, message = error.message.partition(": ")
    return Finding("wrong", path, message, "docs/configuration.md has every setting")
