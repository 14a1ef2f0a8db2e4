"""Three times what a provider allows, for ten minutes, over the whole gateway in virtual time.

Who judges is the simulated provider: by what it counted itself. Ten keys send at random moments, half of it
streams, and each call is up to 200 ms on its way.
"""

from __future__ import annotations

from statistics import median
from typing import Any

import msgspec
import pytest

from pointsman.simulator import Config
from tests.support.flood import Caller, Flood, Result, equal, jain, run_flood, seeds

HAIKU, GPT = "claude-haiku-4-5", "gpt-4.1"
LONG = equal(10, words=(50, 350))

KNOWN = {
    "requests, refill": Flood(HAIKU, 180, {"rpm": 60}, Config(rpm=60)),
    "requests, rolling": Flood(GPT, 180, {"rpm": 60}, Config(rpm=60, window="rolling")),
    "prompts, refill": Flood(HAIKU, 240, {"input_tpm": 16_000}, Config(input_tpm=16_000), LONG),
    "answers, refill": Flood(HAIKU, 240, {"output_tpm": 8_000}, Config(output_tpm=8_000)),
    "tokens, rolling": Flood(GPT, 240, {"tpm": 20_000}, Config(tpm=20_000, window="rolling")),
}
UNKNOWN = {
    name: msgspec.structs.replace(flood, limits={}) for name, flood in KNOWN.items() if "answers" not in name
}
PROMISES = {"answers, refill": 0.14}
"""Where how long answers get decides."""
LATE = 0.015
"""Of those who start: as many wait for nothing at most. Where requests are limited none do but one in some
hundreds."""
HINTS: dict[str, dict[str, Any]] = {
    "headers": {},
    "retry-after": {"limit_headers": "off"},
    "nothing": {"limit_headers": "off", "retry_after": False},
}


def in_use(result: Result) -> float:
    """The limit that is short: the one that is used most."""
    return max(result.utilisation(cause) for cause in result.amounts)


def shares(flood: Flood, result: Result) -> list[float]:
    """Of what is short, by key."""
    of = result.starts if "requests" in result.amounts else result.tokens
    return [of[key] / caller.weight for key, caller in flood.callers.items()]


def promises(result: Result) -> float:
    """Median error of what those who had to wait were told first."""
    firsts = [msgspec.structs.replace(one, told=one.told[:1]) for one in result.seen]
    return median(msgspec.structs.replace(result, seen=firsts).errors())


@pytest.mark.parametrize("seed", seeds())
@pytest.mark.parametrize("name", KNOWN)
def test_a_limit_that_is_known_is_used_up_never_exceeded_and_shared_alike(name: str, seed: int) -> None:
    flood = KNOWN[name]
    result = run_flood(flood, seed)
    assert result.refused == 0
    assert in_use(result) >= 0.98
    assert jain(shares(flood, result)) >= 0.99
    assert promises(result) <= PROMISES.get(name, 0.10)
    assert max(map(result.longest_silence, flood.callers)) < 65, "nobody starves"
    late = sum(not one.ok and one.ended > one.at for one in result.seen)
    most = 0.005 if "requests" in name else LATE
    assert late <= most * sum(one.ok for one in result.seen), "hardly anybody waits for nothing"
    assert all(one.ok or one.retry_after is not None or one.status == 200 for one in result.seen)


@pytest.mark.parametrize("seed", seeds())
@pytest.mark.parametrize("hints", HINTS)
@pytest.mark.parametrize("name", ["requests, refill", "requests, rolling"])
def test_a_limit_that_is_not_known_is_found(name: str, hints: str, seed: int) -> None:
    flood = UNKNOWN[name]
    more = HINTS[hints]
    simulator = msgspec.structs.replace(flood.simulator, **more)
    result = run_flood(msgspec.structs.replace(flood, simulator=simulator), seed)
    assert result.refusals <= 0.01, (result.refused, result.attempts)
    assert in_use(result) >= 0.92
    assert jain(shares(flood, result)) >= 0.99


@pytest.mark.parametrize("seed", seeds())
@pytest.mark.parametrize("name", ["prompts, refill", "tokens, rolling"])
def test_a_limit_of_tokens_is_read_from_headers(name: str, seed: int) -> None:
    result = run_flood(UNKNOWN[name], seed)
    assert result.refusals <= 0.01
    assert in_use(result) >= 0.98


@pytest.mark.parametrize("seed", seeds())
def test_weights_are_honoured(seed: int) -> None:
    weights = {"a": 1, "b": 2, "c": 4}
    callers = {name: Caller(share=weight, weight=weight) for name, weight in weights.items()}
    result = run_flood(Flood(HAIKU, 252, {"rpm": 84}, Config(rpm=84), callers), seed)
    starts, total = result.starts, sum(result.starts.values())
    for name, weight in weights.items():
        assert starts[name] / total == pytest.approx(weight / 7, rel=0.02)


@pytest.mark.parametrize("seed", seeds())
def test_calls_at_once_are_kept_in_use(seed: int) -> None:
    simulator = Config(concurrency=8, pace="real", speed=0.25)
    flood = Flood(GPT, 240, {"concurrency": 8}, simulator, delay=(0.0, 0.05))
    result = run_flood(flood, seed)
    assert result.refused == 0
    assert result.busy >= 0.98
    assert jain([float(result.tokens[key]) for key in flood.callers]) >= 0.99


@pytest.mark.parametrize("seed", seeds())
def test_neither_the_large_nor_the_quiet_starve(seed: int) -> None:
    """Each request of the one takes a third of the limit, the other seldom asks, and eight flood."""
    callers = equal(8, share=3.0) | {
        "large": Caller(share=0.1, words=(3_000, 4_000), max_tokens=(100,)),
        "quiet": Caller(share=0.1),
    }
    flood = Flood(HAIKU, 240, {"input_tpm": 12_000}, Config(input_tpm=12_000), callers, max_wait=60.0)
    result = run_flood(flood, seed)
    assert result.refused == 0
    for key in ("large", "quiet"):
        asked = [one for one in result.seen if one.key == key]
        assert sum(one.ok for one in asked) >= 0.75 * len(asked), key
        assert asked, key
