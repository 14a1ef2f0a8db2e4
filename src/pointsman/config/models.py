"""Models that the settings add to the catalog."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation

import msgspec

from pointsman.catalog.model import Capabilities, Model, PriceList, Rates
from pointsman.config.kinds import Number
from pointsman.config.load import join
from pointsman.config.settings import ModelSettings, PriceSettings
from pointsman.errors import ConfigurationError

_ALWAYS = date(1970, 1, 1)
_PICO_PER_TOKEN = 10**6
"""One US dollar per million tokens is 10⁶ times 10⁻¹² US dollars per token."""


def custom_models(models: Mapping[str, ModelSettings]) -> tuple[Model, ...]:
    """The tables ``[models.NAME]`` as models of the catalog; NAME is the id.

    Raises:
        ConfigurationError: a price is not a number, is negative, or is finer than 10⁻¹² dollars a token.
    """
    return tuple(_model(name, given) for name, given in models.items())


def _model(name: str, given: ModelSettings) -> Model:
    path = join("models", name)
    rates = Rates(**_rates(given.prices, f"{path}.prices"))
    known = any(getattr(rates, field) is not None for field in rates.__struct_fields__)
    return Model(
        id=name,
        provider=given.provider,
        aliases=given.aliases,
        status="active",
        context_window=given.context_window,
        max_input=None,
        max_output=given.max_output,
        capabilities=Capabilities(**msgspec.structs.asdict(given.capabilities)),
        prices=(PriceList(effective=_ALWAYS, standard=rates),) if known else (),
        source="settings",
    )


def _rates(prices: PriceSettings, path: str) -> dict[str, int | None]:
    return {
        kind: None if price is None else pico_per_token(price, f"{path}.{kind}")
        for kind, price in msgspec.structs.asdict(prices).items()
    }


def pico_per_token(usd_per_million: Number, path: str) -> int:
    """An exact price. A float stands for the digits that were written: 0.15 is 0.15."""
    try:
        scaled = Decimal(str(usd_per_million)) * _PICO_PER_TOKEN
    except InvalidOperation:
        raise ConfigurationError(
            f'{path}: expected US dollars per million tokens, such as "0.5"', param=path
        ) from None
    if not scaled.is_finite() or scaled < 0:
        raise ConfigurationError(f"{path}: a price is a number from 0 on", param=path)
    if scaled != scaled.to_integral_value():
        raise ConfigurationError(f"{path}: a price has at most six decimal places", param=path)
    return int(scaled)
