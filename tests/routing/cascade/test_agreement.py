from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.routing.cascade import Accept, Agreement, Consistency, Escalate, Reply, extractor
from tests.support.cascade import asked, called, said

NUMBER = extractor("number")


@pytest.mark.parametrize(
    ("replies", "because"),
    [
        ((said("It is 4."), said("4.0", "other")), "agree"),
        ((said("4"), said("4"), said("4")), "agree"),
        ((said("4"), said("5")), "differ"),
        ((said("4"), said("4"), said("5")), "differ"),
        ((said("four"), said("four")), "unclear"),
        ((said("4"), said("four")), "unclear"),
        ((said("4"),), "unclear"),
        ((said("4"), None), "failed"),
        ((said("4"), said("4", ended=False)), "unfinished"),
        ((), "failed"),
        ((called("f", '{"a": 1}'), called("f", '{"a":1}', ident="c2")), "agree"),
        ((called("f", '{"a": 1}'), called("f", '{"a":2}')), "differ"),
        ((called("f", '{"a": 1}'), said("1")), "differ"),
        ((called("f", "{"), called("f", "{")), "unclear"),
    ],
)
def test_all_must_say_the_same(replies: tuple[Reply | None, ...], because: str) -> None:
    verdict = Agreement(NUMBER).decide(asked(), replies)
    assert verdict.because == because
    assert isinstance(verdict, Accept) is (because == "agree")


@pytest.mark.parametrize(
    ("answers", "share", "index"),
    [
        (["4", "4", "4"], 1.0, 0),
        (["5", "4", "4"], 0.6, 1),
        (["5", "4", "4"], 0.7, None),
        (["4", "x", "4"], 0.6, 0),
        (["4", None, "4"], 0.6, 0),
        (["4", None, "4"], 1.0, None),
        (["4", "5", "6"], 0.1, None),
        (["x", "y"], 0.5, None),
        ([None, None], 0.5, None),
    ],
)
def test_a_share_of_the_answers_must_say_the_same(
    answers: list[str | None], share: float, index: int | None
) -> None:
    replies = [None if answer is None else said(answer) for answer in answers]
    verdict = Consistency(NUMBER, share).decide(asked(), replies)
    assert (verdict.index if isinstance(verdict, Accept) else None) == index


def test_a_cut_answer_has_no_vote() -> None:
    verdict = Consistency(NUMBER, 0.5).decide(asked(), [said("4"), said("4", ended=False)])
    assert isinstance(verdict, Escalate)


@given(st.lists(st.sampled_from(["1", "2", "x", None]), max_size=6), st.floats(0.01, 1))
def test_what_is_accepted_is_what_the_most_say(answers: list[str | None], share: float) -> None:
    replies = [None if answer is None else said(answer) for answer in answers]
    verdict = Consistency(NUMBER, share).decide(asked(), replies)
    if isinstance(verdict, Accept):
        chosen = answers[verdict.index]
        assert chosen in ("1", "2")
        votes = answers.count(chosen)
        assert votes >= max(2, share * len(answers))
        assert all(votes >= answers.count(other) for other in ("1", "2"))


def test_there_is_always_use_in_asking() -> None:
    assert Agreement(NUMBER).before(asked()) is None
    assert Consistency(NUMBER, 1.0).before(asked()) is None
