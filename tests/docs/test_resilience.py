"""The example of docs/resilience.md runs, and its numbers are those of the code."""

from __future__ import annotations

import msgspec
import pytest

from pointsman.resilience import BreakerPolicy, RetryPolicy
from pointsman.resilience.balance import BOUND, FREE
from tests.support.pages import DOCS, Example, examples, run_python

PAGE = "resilience.md"
EXAMPLES = examples(PAGE)
TEXT = (DOCS / PAGE).read_text(encoding="utf-8")


@pytest.mark.parametrize("example", EXAMPLES, ids=range(len(EXAMPLES)))
def test_examples(example: Example) -> None:
    assert example.language == "python"
    assert run_python(example, PAGE, {}) == example.output


def test_the_defaults_are_those_of_the_code() -> None:
    shown = ("attempts", "base_delay", "max_delay", "max_retry_after")
    policy = RetryPolicy()
    assert ", ".join(f"{name}={getattr(policy, name)}" for name in shown) in TEXT
    assert {name for name in msgspec.structs.asdict(policy) if f"`{name}`" in TEXT} >= {
        "on_refusal",
        "continue_streams",
    }
    breaker = BreakerPolicy()
    assert (breaker.threshold, breaker.volume, breaker.open_for, breaker.open_most) == (0.25, 10, 5, 120)
    assert (breaker.probes, breaker.successes, BOUND, FREE) == (2, 3, 1.25, 8)
