import random
from typing import Any

import pytest

from pointsman.simulator.levels import Bucket, Window
from pointsman.simulator.limits import Account, Family, Limits, Rates, Refusal

SECOND = 1_000_000
MINUTE = 60 * SECOND


def limits_of(family: Family, account: Account | None = None, **rates: Any) -> Limits:
    return Limits(family, Rates(**rates), 0, account)


@pytest.mark.parametrize("family", ["openai", "anthropic"])
def test_requests_a_minute(family: Family) -> None:
    limits = limits_of(family, rpm=3, tpm=10**9)
    assert [limits.admit(10, 10, 0) is None for _ in range(4)] == [True, True, True, False]
    assert limits.admit(10, 10, 0) == Refusal("requests", 3, 20 * SECOND)
    assert limits.admit(10, 10, 20 * SECOND) is None


def test_openai_takes_the_prompt_and_the_stated_maximum_beforehand() -> None:
    limits = limits_of("openai", rpm=1000, tpm=100)
    assert limits.admit(30, 50, 0) is None
    assert limits.admit(10, 11, 0) == Refusal("tokens", 100, 600_000)
    limits.settle(20, 50, 0)
    assert limits.levels["tokens"].remaining(0) == 20
    assert limits.admit(90, 11, 0) == Refusal("tokens", 100, None, too_large=True)


def test_openai_takes_an_answer_without_a_maximum_when_it_is_there() -> None:
    limits = limits_of("openai", rpm=1000, tpm=100)
    assert limits.admit(30, None, 0) is None
    limits.settle(60, None, 0)
    assert limits.levels["tokens"].remaining(0) == 10


def test_anthropic_counts_output_when_it_is_made() -> None:
    limits = limits_of("anthropic", rpm=1000, tpm=100)
    assert limits.admit(40, 100_000, 0) is None
    limits.settle(160, 100_000, 0)
    assert limits.levels["output_tokens"].remaining(0) == 0
    assert limits.admit(1, 1, 0) == Refusal("output_tokens", 100, 61 * 600_000)
    assert limits.admit(1, 1, 61 * 600_000) is None


def test_a_refusal_takes_nothing() -> None:
    limits = limits_of("anthropic", rpm=10, tpm=100)
    assert limits.admit(101, None, 0) == Refusal("input_tokens", 100, None, too_large=True)
    assert limits.levels["requests"].remaining(0) == 10
    assert limits.levels["input_tokens"].remaining(0) == 100


def test_input_and_output_apart() -> None:
    openai = limits_of("openai", tpm=1000, input_tpm=100, output_tpm=200)
    assert openai.admit(60, 150, 0) is None
    assert openai.admit(60, 10, 0) == Refusal("input_tokens", 100, 12 * SECOND)
    assert openai.admit(10, 60, 0) == Refusal("output_tokens", 200, 3 * SECOND)
    assert openai.admit(10, None, 0) is None, "an answer without a maximum is taken when it is there"
    openai.settle(80, None, 0)
    assert {name: level.remaining(0) for name, level in openai.levels.items()} == {
        "requests": 999_998,
        "tokens": 1000 - 210 - 90,
        "input_tokens": 30,
        "output_tokens": 0,
    }
    anthropic = limits_of("anthropic", tpm=1000, input_tpm=100)
    assert [level.per_minute for level in anthropic.levels.values()] == [1_000_000, 100, 1000]
    assert anthropic.unlimited == {"requests"}


def test_calls_at_a_time() -> None:
    limits = limits_of("openai", concurrency=2)
    assert [limits.admit(1, 1, 0) for _ in range(3)] == [None, None, Refusal("concurrency", 2, None)]
    limits.leave()
    assert limits.admit(1, 1, 0) is None
    limits.settle(1, 1, 0)
    limits.settle(1, 1, 0)
    assert (limits.running, limits.most_running, limits.begun) == (0, 2, 3)


def test_an_account_is_shared_by_its_models() -> None:
    account = Account("anthropic", 3, 1000, False, 0)
    one, other = limits_of("anthropic", account, rpm=2), limits_of("anthropic", account, rpm=2)
    assert [one.admit(100, 5, 0), one.admit(100, 5, 0), other.admit(100, 5, 0)] == [None] * 3
    assert other.admit(1, 5, 0) == Refusal("account_requests", 3, 20 * SECOND)
    one.settle(900, 5, 0)
    assert account.levels["account_tokens"].used(0) == 1200
    assert other.admit(1, 5, 20 * SECOND) is None
    assert other.rejected["account_requests"] == 1


@pytest.mark.parametrize("rolling", [False, True])
def test_refused_requests_count_where_that_is_documented(rolling: bool) -> None:
    counting = limits_of("openai", rpm=60, counts_refused=True, rolling=rolling)
    patient = limits_of("openai", rpm=60, rolling=rolling)
    for limits in (counting, patient):
        assert all(limits.admit(1, 1, 0) is None for _ in range(60))
    if rolling:
        assert patient.admit(1, 1, 50 * SECOND) == Refusal("requests", 60, 10 * SECOND)
        assert counting.admit(1, 1, 50 * SECOND) == Refusal("requests", 60, 10 * SECOND)
        assert counting.admit(1, 1, MINUTE) is None
        assert counting.levels["requests"].remaining(MINUTE) == 58
        assert patient.levels["requests"].remaining(MINUTE) == 60
    else:
        assert patient.admit(1, 1, SECOND // 2) == Refusal("requests", 60, SECOND // 2)
        assert counting.admit(1, 1, SECOND // 2) == Refusal("requests", 60, SECOND)
        assert patient.admit(1, 1, SECOND) is None
        assert counting.admit(1, 1, SECOND) == Refusal("requests", 60, SECOND)
        assert counting.admit(1, 1, 2 * SECOND) is None


def test_the_wait_that_is_told_is_exact_also_where_the_refusal_counts() -> None:
    dice = random.Random(4)
    for rolling in (False, True):
        limits, now = limits_of("openai", rpm=5, tpm=500, counts_refused=True, rolling=rolling), 0
        for _ in range(300):
            now += dice.randrange(4 * SECOND)
            prompt = dice.randrange(1, 400)
            refusal = limits.admit(prompt, 20, now)
            if refusal is not None:
                assert refusal.wait_us is not None
                probe = [
                    level.wait(1 if name == "requests" else prompt + 20, now + refusal.wait_us - 1)
                    for name, level in limits.levels.items()
                ]
                assert max(wait or 0 for wait in probe) == 1
                now += refusal.wait_us
                assert limits.admit(prompt, 20, now) is None


def test_only_openais_dialect_knows_windows_and_only_what_is_limited_is_logged() -> None:
    openai = limits_of("openai", tpm=100, rolling=True)
    assert [type(level) for level in openai.levels.values()] == [Bucket, Window]
    anthropic = limits_of("anthropic", rpm=5, tpm=100, rolling=True)
    assert {type(level) for level in anthropic.levels.values()} == {Bucket}
