from __future__ import annotations

import pytest

from pointsman.catalog.model import Capabilities, Rates
from pointsman.config.settings import CapabilitySettings, PriceSettings, Settings


def test_settings_never_change() -> None:
    with pytest.raises(AttributeError):
        Settings().server.port = 1  # type: ignore[misc]  # what the test is about


def test_every_capability_of_the_catalog_can_be_set() -> None:
    assert set(CapabilitySettings.__struct_fields__) == set(Capabilities.__struct_fields__)


def test_every_price_that_can_be_set_is_one_of_the_catalog() -> None:
    assert set(PriceSettings.__struct_fields__) <= set(Rates.__struct_fields__)
