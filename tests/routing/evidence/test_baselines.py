from __future__ import annotations

import msgspec
import numpy as np
import pytest

from pointsman.routing import Sample
from pointsman.routing.evidence import baselines
from pointsman.routing.evidence.curve import Order, apgr
from tests.support.routing_tables import prompts

PROMPTS = prompts(2000)
GAINS = np.array([one.scores["opus"] - one.scores["haiku"] for one in PROMPTS])


def area(need: np.ndarray[tuple[int], np.dtype[np.float64]]) -> float:
    return float(apgr(*Order(need, GAINS).curves())[0])


def test_what_each_is_worth_here() -> None:
    """Proofs say "prove" and are longer; half of the prompts hold all of the gap, so the prior has .75."""
    prior = baselines.group_prior(PROMPTS, GAINS)
    assert prior is not None
    assert area(prior) == pytest.approx(0.75, abs=0.03)
    assert area(baselines.random_mix(PROMPTS)) == pytest.approx(0.5)
    assert area(baselines.length(PROMPTS)) > 0.6
    assert area(baselines.keywords(PROMPTS)) > 0.6
    assert area(baselines.oracle(GAINS)) > area(prior)


def test_one_group_is_worth_a_coin() -> None:
    """Left out of its own mean, a prompt must not be ranked by the reverse of its gain."""
    one = [msgspec.structs.replace(prompt, group="all") for prompt in PROMPTS]
    prior = baselines.group_prior(one, GAINS)
    assert prior is not None
    assert area(prior) == pytest.approx(0.5)


def test_without_groups_there_is_no_prior() -> None:
    assert (
        baselines.group_prior([msgspec.structs.replace(prompt, group="") for prompt in PROMPTS], GAINS)
        is None
    )


def test_a_prior_from_elsewhere_knows_nothing_of_new_groups() -> None:
    prior = baselines.group_prior(PROMPTS, GAINS, {"proofs": [1.0] * 95, "other": [0.0] * 95})
    assert prior is not None
    at = {one.group: float(value) for one, value in zip(PROMPTS, prior, strict=True)}
    assert at == {"proofs": pytest.approx(0.975), "sums": pytest.approx(0.5)}


def test_keywords_are_whole_words() -> None:
    texts = ("Design it", "Explain it", "What is it", "The account of Liszt")
    named = [msgspec.structs.replace(PROMPTS[0], sample=Sample(text)) for text in texts]
    assert baselines.keywords(named).tolist() == [2.0, 1.0, 0.0, 1.0]
