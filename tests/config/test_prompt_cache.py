from __future__ import annotations

import pytest

from pointsman.config import load_settings
from pointsman.errors import ConfigurationError


def test_it_is_off_until_it_is_asked_for() -> None:
    assert load_settings({}, {}).prompt_cache.enabled is False
    given = load_settings({"POINTSMAN_PROMPT_CACHE__ENABLED": "true"}, {"prompt_cache": {"max_loss": 0.25}})
    assert (given.prompt_cache.enabled, given.prompt_cache.max_loss) == (True, 0.25)


@pytest.mark.parametrize("value", [0, -1, 1001])
def test_a_loss_is_a_sum_that_can_be_meant(value: float) -> None:
    with pytest.raises(ConfigurationError):
        load_settings({}, {"prompt_cache": {"max_loss": value}})
