from __future__ import annotations

import random
from collections import Counter
from itertools import pairwise

import pytest

from pointsman.demo.caching.caching import HOURS, PARTS, QUESTIONS, Scale, agent, day, small_scale


def test_equal_seeds_give_equal_days_in_the_order_of_time() -> None:
    asks = day(Scale(), random.Random(1).random)
    assert asks == day(Scale(), random.Random(1).random) != day(Scale(), random.Random(2).random)
    assert [ask.at for ask in asks] == sorted(ask.at for ask in asks)
    assert all(0 <= ask.at < HOURS for ask in asks)
    assert {ask.part for ask in asks} == set(PARTS) - {"agent"}
    assert sum(ask.part == "questions" for ask in asks) == Scale().questions


def test_few_questions_are_asked_over_and_over_each_in_one_form() -> None:
    asked = [ask for ask in day(Scale(), random.Random(1).random) if ask.part == "questions"]
    counts = Counter(ask.messages[0]["content"] for ask in asked)
    assert len(counts) <= len(QUESTIONS) == 50
    assert sum(count for _, count in counts.most_common(10)) > len(asked) / 2
    forms = {(ask.messages[0]["content"], ask.sdk, ask.model, ask.stream, ask.max_tokens) for ask in asked}
    assert len(forms) == len(counts), "else the simulated answers, and their costs, would differ"


def test_all_dashboards_ask_at_the_same_moment() -> None:
    boards = [ask for ask in day(Scale(), random.Random(1).random) if ask.part == "boards"]
    assert Counter(ask.messages[0]["content"] for ask in boards) == Counter(
        dict.fromkeys({ask.messages[0]["content"] for ask in boards}, 5)
    )
    assert len({(ask.at, ask.messages[0]["content"]) for ask in boards}) == 12


def test_each_turn_of_the_agent_holds_all_that_went_before() -> None:
    turns = agent(Scale())
    assert len(turns) == 20 and len({turn.system for turn in turns}) == 1
    for before, after in pairwise(turns):
        assert after.messages[: len(before.messages)] == before.messages
        assert 0 < after.at - before.at < 5 / 60, "a prompt cache lives for five minutes"


@pytest.mark.parametrize(("most", "questions", "seconds"), [(9999, 260, 6.0), (130, 130, 3.0), (5, 5, 1.5)])
def test_a_small_day_asks_no_more_than_it_is_told(most: int, questions: int, seconds: float) -> None:
    assert small_scale(most) == Scale(questions, seconds)
