from __future__ import annotations

import logging

import pytest

from pointsman.caching.rules.policy import KeyRules
from pointsman.gateway.cache.key_policies import KeyPolicies
from pointsman.keys import KeyInfo


def test_a_policy_is_read_once_and_one_that_cannot_be_read_is_off(caplog: pytest.LogCaptureFixture) -> None:
    policies = KeyPolicies()
    assert policies.of(KeyInfo("1", "a", "")) == KeyRules()
    first = policies.of(KeyInfo("1", "a", "", cache="own, ttl=60"))
    assert first == KeyRules(own=True, ttl=60.0)
    assert policies.of(KeyInfo("2", "b", "", cache="own, ttl=60")) is first
    with caplog.at_level(logging.WARNING, "pointsman.cache"):
        for _ in range(2):
            assert policies.of(KeyInfo("3", "c", "", cache="of a newer kind")) == KeyRules(enabled=False)
    assert [record.getMessage()[:38] for record in caplog.records] == [
        "the cache is off for the key c: A key'"
    ]


def test_policies_without_end_take_no_memory_without_end() -> None:
    policies = KeyPolicies()
    for seconds in range(1, 3000):
        assert policies.of(KeyInfo("1", "a", "", cache=f"ttl={seconds}")).ttl == seconds
    assert len(policies._read) <= 1024
