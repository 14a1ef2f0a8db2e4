"""From settings and environment to the providers that there are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, cast

import msgspec

from pointsman.config.load import join, resolve_secret, secret_variable
from pointsman.config.settings import ModelSettings, ProviderSettings, Settings
from pointsman.errors import ConfigurationError
from pointsman.ledger.entry import CACHE
from pointsman.providers.known import KEY_VARIABLES, KNOWN, SHORT_DIALECTS, USUAL_AUTH
from pointsman.providers.provider import KeyRule, Provider, Secret

Auth = Literal["bearer", "x-api-key", "none"]

_TOKEN = frozenset("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
"""RFC 9110, section 5.6.2: what a header's name is made of."""


def configured_providers(settings: Settings, environment: Mapping[str, str]) -> tuple[Provider, ...]:
    """The providers of the settings; where these name none, every known one whose key is in the environment.

    Returns:
        Empty if nothing is configured and no key is set.

    Raises:
        ConfigurationError: names the setting or variable at fault, and never shows a key.
    """
    if settings.providers:
        providers = tuple(
            _from_settings(name, given, environment) for name, given in settings.providers.items()
        )
    else:
        providers = tuple(
            _from_environment(known, environment)
            for known in KNOWN.values()
            if _key_variable(known.name, environment)
        )
    return _with_models(providers, settings.models)


def key_source(name: str, settings: Settings, environment: Mapping[str, str]) -> str:
    """Where a provider's key comes from: a variable's name, "settings" if it stands there, "" if none."""
    return _source(name, settings.providers.get(name, ProviderSettings()), environment)


def check_key(key: Secret, rule: KeyRule, provider: str, where: str) -> None:
    """Whether a key can be one of this provider. The error tells the rule and never any part of the key.

    Raises:
        ConfigurationError: ``where`` (a variable or the path of a setting) is what its message begins with.
    """
    value = key.reveal()
    if not value.isascii() or not value.isprintable() or " " in value:
        raise ConfigurationError(
            f"{where}: a key is made of visible ASCII characters; this one holds others. Copy it again.",
            param=where,
        )
    if not value.startswith(rule.prefix) or len(value) < rule.min_length:
        raise ConfigurationError(
            f"{where}: a key of {provider} starts with {rule.prefix} and has at least {rule.min_length} "
            "characters; the one that is set does not. Copy it again from the provider.",
            param=where,
        )


def _from_environment(known: Provider, environment: Mapping[str, str]) -> Provider:
    variable = _key_variable(known.name, environment)
    key = Secret(environment[variable].strip())
    check_key(key, known.key_rule, known.name, variable)
    return msgspec.structs.replace(known, api_key=key, key_env=variable)


def _from_settings(name: str, written: ProviderSettings, environment: Mapping[str, str]) -> Provider:
    path = join("providers", name)
    if name == CACHE:
        raise ConfigurationError(
            f"{path}: a provider cannot have this name: in the ledger it stands for answers that were kept. "
            "Give it another one.",
            param=path,
        )
    given = _spelled_out(written)
    base = _base(name, given, path)
    auth = given.auth or _usual_auth(name, given, base)
    key = None if auth == "none" else _key(base, given, environment, path)
    source = "" if key is None else _source(name, given, environment)
    provider = msgspec.structs.replace(
        base,
        auth=auth if key is not None else "none",
        api_key=key,
        key_env="" if source == "settings" else source,
        headers=_headers(given.headers, join(path, "headers")),
        serves=given.serves or base.serves,
        model_names=base.model_names | given.models,
        learns_limits=given.learn_limits,
        legacy_max_tokens=(
            base.legacy_max_tokens if given.legacy_max_tokens is None else given.legacy_max_tokens
        ),
    )
    if key is not None:
        check_key(key, base.key_rule, name, provider.key_env or join(path, "api_key"))
    return provider


def _spelled_out(given: ProviderSettings) -> ProviderSettings:
    """With the full name of the dialect."""
    dialect = None if given.dialect is None else SHORT_DIALECTS.get(given.dialect)
    return given if dialect is None else msgspec.structs.replace(given, dialect=dialect)


def _source(name: str, given: ProviderSettings, environment: Mapping[str, str]) -> str:
    if given.api_key is not None:
        return secret_variable(given.api_key) or "settings"
    return _key_variable(name, environment)


def _base(name: str, given: ProviderSettings, path: str) -> Provider:
    known = KNOWN.get(name)
    if known is None:
        if given.dialect is None or given.base_url is None:
            missing = "dialect" if given.dialect is None else "base_url"
            raise ConfigurationError(
                f"{path}.{missing}: this is missing. Known without it are only {', '.join(KNOWN)}.",
                param=f"{path}.{missing}",
            )
        known = Provider(name=name, dialect=given.dialect, base_url=given.base_url)
    address = (given.base_url or known.base_url).rstrip("/")
    scheme, colon, rest = address.partition("://")
    if not colon or scheme.lower() not in ("http", "https") or not rest or "?" in rest or " " in rest:
        raise ConfigurationError(
            f"{path}.base_url: expected an address such as https://api.example.com/v1",
            param=f"{path}.base_url",
        )
    if "@" in rest.partition("/")[0]:
        raise ConfigurationError(
            f"{path}.base_url: an address holds no user name or password; use api_key or headers",
            param=f"{path}.base_url",
        )
    return msgspec.structs.replace(known, dialect=given.dialect or known.dialect, base_url=address)


def _usual_auth(name: str, given: ProviderSettings, base: Provider) -> Auth:
    if name in KNOWN and given.dialect is None:
        return base.auth
    return cast(Auth, USUAL_AUTH[base.dialect])


def _key(base: Provider, given: ProviderSettings, environment: Mapping[str, str], path: str) -> Secret | None:
    if given.api_key is not None:
        return resolve_secret(given.api_key, environment, f"{path}.api_key")
    variable = _key_variable(base.name, environment)
    if variable:
        return Secret(environment[variable].strip())
    if base.name in KNOWN or given.auth is not None:
        usual = f"Set {base.key_env}, or" if base.key_env else "Set"
        raise ConfigurationError(
            f'{path}.api_key: there is no key. {usual} api_key = "env:NAME"; or auth = "none".',
            param=f"{path}.api_key",
        )
    return None


def _key_variable(name: str, environment: Mapping[str, str]) -> str:
    for variable in KEY_VARIABLES.get(name, ()):
        if environment.get(variable, "").strip():
            return variable
    return ""


def _headers(given: Mapping[str, str], path: str) -> tuple[tuple[str, str], ...]:
    for name, value in given.items():
        if not name or not _TOKEN.issuperset(name) or not value.isascii() or not value.isprintable():
            raise ConfigurationError(f"{join(path, name)}: this cannot be sent as a header", param=path)
    return tuple((name.lower(), value) for name, value in given.items())


def _with_models(
    providers: tuple[Provider, ...], models: Mapping[str, ModelSettings]
) -> tuple[Provider, ...]:
    """Tell each provider what it calls the models that the settings add."""
    by_name = {provider.name: provider for provider in providers}
    for name, model in models.items():
        provider = by_name.get(model.provider)
        if provider is None:
            path = join(join("models", name), "provider")
            there = ", ".join(by_name) or "none"
            raise ConfigurationError(
                f"{path}: no provider {model.provider} is configured; there are: {there}", param=path
            )
        names = provider.model_names | {name: model.name or name}
        by_name[provider.name] = msgspec.structs.replace(provider, model_names=names)
    return tuple(by_name.values())
