"""The store in this process: the contract, the oracle, and what it forgets."""

from __future__ import annotations

import pytest
from hypothesis import settings

from pointsman.limits import LocalLimits
from pointsman.limits.memory import MemoryLimits
from tests.support.limits_contract import LimitsContract
from tests.support.limits_oracle import LimitsMachine


class TestMemoryLimits(LimitsContract):
    @pytest.fixture
    def store(self) -> LocalLimits:
        return MemoryLimits()


class MemoryMachine(LimitsMachine):
    def make_store(self) -> LocalLimits:
        return MemoryLimits()


TestAgainstTheOracle = MemoryMachine.TestCase
TestAgainstTheOracle.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
