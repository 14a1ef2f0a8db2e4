"""From settings to the policy of idempotency keys."""

from __future__ import annotations

from typing import Any

import pytest

from pointsman.caching.idempotency.idempotency import IdempotencyPolicy
from pointsman.config import load_settings
from pointsman.config.idempotency import idempotency_policy
from pointsman.errors import ConfigurationError


def test_the_defaults_are_those_of_the_policy() -> None:
    assert idempotency_policy(load_settings({}, {}).idempotency) == IdempotencyPolicy()


def test_units() -> None:
    given = {"hours": 0.5, "max_mb": 2, "max_answer_mb": 1, "linger": 0}
    policy = idempotency_policy(load_settings({}, {"idempotency": given}).idempotency)
    assert policy == IdempotencyPolicy(
        keep_us=1_800_000_000, most=2_097_152, most_answer=1_048_576, linger=0.0
    )


@pytest.mark.parametrize("given", [{"hours": 0}, {"max_mb": 0}, {"max_answer_mb": 0}, {"linger": -1}])
def test_what_cannot_be_is_refused(given: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError, match="idempotency"):
        load_settings({}, {"idempotency": given})
