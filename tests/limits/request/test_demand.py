from __future__ import annotations

from random import Random
from typing import NoReturn

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.chat import Usage
from pointsman.limits import NOTHING, Amounts, Limit, Reservation, Scope, Shortage, make_limit
from pointsman.limits.local.memory import MemoryLimits
from pointsman.limits.request.demand import (
    RULES,
    WELL_KNOWN,
    CountingRule,
    Demand,
    Failure,
    counting_rule,
    used,
    used_after,
)
from pointsman.limits.request.outputs import PRIOR
from pointsman.limits.values.limit import OUTPUT, REQUESTS, UPSTREAM_INPUT, UPSTREAM_TOTAL, Dimension
from pointsman.providers.known import KNOWN
from pointsman.simulator.limits import Family, Rates
from pointsman.simulator.limits import Limits as SimulatedLimits

ANTHROPIC, OPENAI, GEMINI = RULES["anthropic"], RULES["openai"], RULES["gemini"]
USAGE = Usage(input=100, cache_read=900, cache_write_5m=50, output=30, reasoning=10)


def never() -> NoReturn:
    raise AssertionError("nobody had to count")


def upstream(dimension: Dimension, amount: int) -> Limit:
    return make_limit(Scope("deployment", "p/m"), dimension, amount)


def of_key(dimension: Dimension, amount: int) -> Limit:
    return make_limit(Scope("key", "k"), dimension, amount)


@pytest.mark.parametrize(
    ("rule", "most", "expected"),
    [
        (ANTHROPIC, 500, (1, 1_050, 30, 1_080, 150, 180, 0)),
        (ANTHROPIC, None, (1, 1_050, 30, 1_080, 150, 180, 0)),
        (OPENAI, 500, (1, 1_050, 30, 1_080, 1_050, 1_550, 0)),
        (OPENAI, None, (1, 1_050, 30, 1_080, 1_050, 1_080, 0)),
        (GEMINI, 500, (1, 1_050, 30, 1_080, 1_050, 1_050, 0)),
        (RULES["deepseek"], 500, (1, 1_050, 30, 1_080, 1_050, 1_080, 0)),
    ],
)
def test_each_provider_counts_in_its_way(rule: CountingRule, most: int | None, expected: Amounts) -> None:
    assert used(USAGE, most, rule) == expected


@pytest.mark.parametrize(
    ("failure", "rule", "expected"),
    [
        ("unsent", OPENAI, NOTHING),
        ("limited", OPENAI, (1, 0, 0, 0, 0, 0, 0)),
        ("refused", ANTHROPIC, (1, 0, 0, 0, 0, 0, 0)),
        ("failed", ANTHROPIC, (1, 80, 0, 80, 60, 60, 0)),
        ("failed", OPENAI, (1, 80, 0, 80, 60, 560, 0)),
        ("failed", GEMINI, (1, 80, 0, 80, 60, 60, 0)),
    ],
)
def test_what_a_failure_took(failure: Failure, rule: CountingRule, expected: Amounts) -> None:
    assert used_after(failure, (1, 80, 40, 120, 60, 560, 1), 500, rule) == expected


@pytest.mark.parametrize(
    ("provider", "dialect", "rule"),
    [
        ("anthropic", "anthropic_messages", ANTHROPIC),
        ("my-claude", "anthropic_messages", ANTHROPIC),
        ("gemini", "openai_chat", GEMINI),
        ("my-vllm", "openai_chat", OPENAI),
    ],
)
def test_a_provider_that_is_not_known_counts_like_others_of_its_dialect(
    provider: str, dialect: str, rule: CountingRule
) -> None:
    assert counting_rule(provider, dialect) == rule


@pytest.mark.parametrize("most", [None, 500])
@pytest.mark.parametrize("answered", [True, False])
@pytest.mark.parametrize("family", ["openai", "anthropic"])
def test_we_count_as_the_simulated_provider_counts(family: Family, most: int | None, answered: bool) -> None:
    rule = RULES[family]
    theirs = SimulatedLimits(family, Rates(rpm=100, tpm=100_000), 0)
    counted = 150 if family == "anthropic" else 1_050
    assert theirs.admit(counted, most, 0) is None
    if answered:
        theirs.settle(USAGE.output, most, 1)
        ours = used(USAGE, most, rule)
    else:
        theirs.leave()
        ours = used_after("failed", (1, 1_050, 40, 1_090, counted, 0, 1), most, rule)
    places = {
        "requests": REQUESTS,
        "tokens": UPSTREAM_TOTAL,
        "input_tokens": UPSTREAM_INPUT,
        "output_tokens": OUTPUT,
    }
    assert {cause: level.total for cause, level in theirs.levels.items()} == {
        cause: ours[place] for cause, place in places.items() if cause in theirs.levels
    }


def test_rules_are_of_providers_that_there_are() -> None:
    assert set(RULES) <= set(KNOWN)


@pytest.mark.parametrize(
    ("rule", "most", "expected"),
    [
        (ANTHROPIC, 100, (1, 1_000, 100, 1_100, 1_000, 1_100, 1)),
        (OPENAI, 100, (1, 1_000, 100, 1_100, 1_000, 1_100, 1)),
        (OPENAI, 8_000, (1, 1_000, PRIOR, 1_000 + PRIOR, 1_000, 9_000, 1)),
        (ANTHROPIC, 8_000, (1, 1_000, PRIOR, 1_000 + PRIOR, 1_000, 1_000 + PRIOR, 1)),
        (OPENAI, None, (1, 1_000, PRIOR, 1_000 + PRIOR, 1_000, 1_000 + PRIOR, 1)),
        (GEMINI, 8_000, (1, 1_000, PRIOR, 1_000 + PRIOR, 1_000, 1_000, 1)),
    ],
)
def test_before_anything_is_known_the_size_of_the_body_speaks(
    rule: CountingRule, most: int | None, expected: Amounts
) -> None:
    limits = (upstream("tpm", 100_000), of_key("rpm", 5))
    assert Demand().estimate("p/m", "k", 4_000, most, rule, limits, never) == expected


def test_what_is_learned_of_a_model_goes_into_the_next_estimate() -> None:
    demand, dice = Demand(), Random(3)
    for _ in range(200):
        size = dice.randrange(2_000, 8_000)
        prompt = size // 3 + dice.randrange(20)
        usage = Usage(
            input=prompt - prompt * 4 // 5, cache_read=prompt * 4 // 5, output=dice.randrange(50, 60)
        )
        demand.learn("p/m", "k", size, usage)
    _, prompt, output, total, counted, _, _ = demand.estimate("p/m", "k", 3_000, 4_096, ANTHROPIC, (), never)
    assert 1_000 <= prompt <= 1_060
    assert 55 <= output <= 65
    assert total == prompt + output
    assert 0.19 * prompt < counted < 0.25 * prompt
    other = demand.estimate("p/other", "k", 3_000, 4_096, ANTHROPIC, (), never)
    assert other == (1, 750, PRIOR, 750 + PRIOR, 750, 750 + PRIOR, 1)


@pytest.mark.parametrize("real", [26, 33])
def test_what_is_learned_is_rounded_up_since_a_token_too_few_is_refused_upstream(real: int) -> None:
    """A body of 100 bytes is taken for 25 tokens, and one of 104 for 26; by what is known for 27.04."""
    demand = Demand()
    for _ in range(WELL_KNOWN):
        demand.learn("p/m", "k", 100, Usage(input=real, output=1))
    estimated = demand.estimate("p/m", "k", 104, 1, ANTHROPIC, (), never)
    assert 0 < estimated[UPSTREAM_INPUT] - 26 * real / 25 < 2


def test_a_large_part_of_a_limit_is_counted_until_the_model_is_well_known() -> None:
    demand = Demand()
    limits = (upstream("input_tpm", 3_999),)
    assert demand.estimate("p/m", "k", 4_000, 1, ANTHROPIC, limits, lambda: 1_234)[1] == 1_234
    for _ in range(WELL_KNOWN):
        demand.learn("p/m", "k", 4_000, Usage(input=1_000, output=5))
    assert demand.estimate("p/m", "k", 4_000, 1, ANTHROPIC, limits, never)[1] == 1_000
    assert demand.estimate("p/m", "k", 16_000, 1, ANTHROPIC, limits, lambda: 3_210)[1] == 3_210
    too_small = (of_key("output_tpm", 1), of_key("rpm", 1), of_key("concurrency", 1))
    assert Demand().estimate("p/m", "k", 4_000, 1, ANTHROPIC, too_small, never)[1] == 1_000


def test_a_prompt_is_counted_whatever_else_does_not_fit() -> None:
    demand = Demand()
    for _ in range(WELL_KNOWN):
        demand.learn("p/m", "k", 4_000, Usage(input=1_000, output=500))
    limits = (upstream("output_tpm", 100), upstream("input_tpm", 900))
    amounts = demand.estimate("p/m", "k", 4_000, None, ANTHROPIC, limits, lambda: 800)
    assert amounts[:3] == (1, 800, 100)
    assert amounts[4] == 800


def test_where_there_are_pictures_the_size_says_nothing() -> None:
    demand = Demand()
    assert demand.estimate("p/m", "k", 2_000_000, 1, OPENAI, (), lambda: 1_700, media=True)[1] == 1_700
    demand.learn("p/m", "k", 2_000_000, Usage(input=1_700, output=5), media=True)
    assert demand.estimate("p/m", "k", 4_000, 1, OPENAI, (), never)[1] == 1_000


def test_an_answer_that_broke_off_teaches_nothing_of_answers() -> None:
    demand = Demand()
    for _ in range(50):
        demand.learn("p/m", "k", 4_000, Usage(input=1_000, output=2), whole=False)
    assert demand.estimate("p/m", "k", 4_000, None, OPENAI, (), never)[2] == PRIOR


@pytest.mark.parametrize(
    ("rule", "limit", "most", "fits"),
    [
        pytest.param(ANTHROPIC, upstream("output_tpm", 100), 8_000, True, id="a guess of the answer"),
        pytest.param(OPENAI, of_key("tpm", 1_100), 8_000, True, id="prompt and a guess"),
        pytest.param(ANTHROPIC, upstream("input_tpm", 10), 1, True, id="all of it may be cached"),
        pytest.param(OPENAI, upstream("input_tpm", 600), 1, True, id="the estimate may be too high"),
        pytest.param(OPENAI, upstream("input_tpm", 499), 1, False, id="but not by so much"),
        pytest.param(OPENAI, of_key("tpm", 499), 1, False, id="nor of a key"),
        pytest.param(
            OPENAI, upstream("tpm", 8_499), 8_000, False, id="the stated bound is taken for certain"
        ),
        pytest.param(OPENAI, upstream("tpm", 8_500), 8_000, True, id="and with it half of the prompt"),
        pytest.param(OPENAI, upstream("tpm", 600), None, True, id="no bound, no certainty"),
    ],
)
def test_only_what_surely_does_not_fit_never_does(
    rule: CountingRule, limit: Limit, most: int | None, fits: bool
) -> None:
    amounts = Demand().estimate("p/m", "k", 4_000, most, rule, (limit,), lambda: 1_000)
    answer = MemoryLimits().reserve((limit,), amounts, 1)
    if fits:
        assert isinstance(answer, Reservation)
        assert amounts[limit.place] == limit.amount
    else:
        assert isinstance(answer, Shortage) and answer.never


@given(
    size=st.integers(0, 10**7),
    most=st.none() | st.integers(0, 10**6),
    rule=st.sampled_from(list(RULES.values())),
    history=st.lists(
        st.tuples(st.integers(0, 10**6), st.integers(0, 10**5), st.integers(0, 10**5), st.integers(0, 10**5)),
        max_size=30,
    ),
)
def test_every_place_is_filled_and_sensible(
    size: int, most: int | None, rule: CountingRule, history: list[tuple[int, int, int, int]]
) -> None:
    demand = Demand()
    for body, fresh, cached, output in history:
        demand.learn("p/m", "k", body, Usage(input=fresh, cache_read=cached, output=output))
    requests, prompt, output, total, counted, upstream_total, slots = demand.estimate(
        "p/m", "k", size, most, rule, (), never
    )
    assert (requests, slots) == (1, 1)
    assert prompt >= 1 and total == prompt + output
    assert 1 <= counted <= prompt and upstream_total >= counted
    if most:
        assert 1 <= output <= most
