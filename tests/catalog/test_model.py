from __future__ import annotations

import msgspec
import pytest

from pointsman.catalog import Capabilities, Rates
from tests.support.models import a_model


def test_what_is_not_said_is_not_known() -> None:
    assert set(msgspec.structs.astuple(Capabilities())) == {None}
    assert set(msgspec.structs.astuple(Rates())) == {None}


def test_a_model_is_a_value() -> None:
    model = a_model()
    assert model == a_model()
    with pytest.raises(AttributeError):
        model.id = "other"  # type: ignore[misc]  # the point of the test


def test_default_tiers_are_not_shared() -> None:
    first, second = a_model().prices[0], a_model().prices[0]
    first.tiers["flex"] = Rates()
    assert second.tiers == {}
