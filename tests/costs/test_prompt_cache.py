"""What a prompt cache earned, against sums done by hand from the price list."""

from __future__ import annotations

import pytest

from pointsman.catalog import Model, load_catalog
from pointsman.chat import Usage
from pointsman.costs import Pricer
from pointsman.costs.prompt_cache import earned, uncached


def _model(name: str) -> Model:
    found = load_catalog().resolve(name)
    assert found is not None
    return found


AT_US = 1_795_000_000_000_000  # November 2026
SONNET = Pricer(_model("claude-sonnet-4-6"))  # 3, read 0.3, writes 3.75 and 6 for a million


@pytest.mark.parametrize(
    ("usage", "expected"),
    [
        (Usage(input=1000, output=50), 0),
        (Usage(input=10, output=50, cache_read=1000), 1000 * 2_700_000),
        (Usage(input=10, cache_write_5m=1000), -1000 * 750_000),
        (Usage(input=10, cache_write_1h=1000), -1000 * 3_000_000),
        (
            Usage(cache_read=1000, cache_write_5m=100, cache_write_1h=10),
            2_700_000_000 - 75_000_000 - 30_000_000,
        ),
    ],
)
def test_it_is_what_the_same_call_would_have_cost_less_what_it_cost(usage: Usage, expected: int) -> None:
    assert earned(usage, SONNET, AT_US) == expected


def test_a_long_prompt_stays_in_its_band() -> None:
    haiku = Pricer(_model("claude-haiku-5-5"))  # five times the price over 100,000 tokens
    short, long = Usage(cache_read=100_000), Usage(cache_read=100_001)
    assert earned(short, haiku, AT_US) == 100_000 * 90_000
    assert earned(long, haiku, AT_US) == 100_001 * 450_000


def test_nothing_but_the_cache_is_taken_away() -> None:
    usage = Usage(1, 2, 3, 4, 5, 6, 7, reasoning=1, tier="priority")
    assert uncached(usage) == Usage(input=26, output=2, reasoning=1, tier="priority")
