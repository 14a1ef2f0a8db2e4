from __future__ import annotations

import msgspec
import numpy as np
import pytest

from pointsman.errors import InvalidRequest
from pointsman.routing import Judgement, Sample
from pointsman.routing.evidence.evaluation import evaluate, judge_all
from pointsman.routing.evidence.prices import at_ratio
from tests.support.routing_tables import MODELS, prompts, table

TABLE = table()
COSTS = np.array(at_ratio(TABLE.prompts, MODELS).costs)


def test_a_router_that_knows_is_above_what_does_not() -> None:
    found = evaluate(TABLE, COSTS, "a price ratio of 5", resamples=100)
    assert [pair.weak for pair in found.pairs] == ["haiku", "sonnet"]
    pair = found.pairs[0]
    apgr = {name: one.apgr or 0.0 for name, one in pair.contenders.items()}
    assert list(apgr) == ["router", "random", "length", "keywords", "group_prior", "oracle"]
    assert apgr["random"] == pytest.approx(0.5)
    assert apgr["random"] + 0.1 < apgr["router"] < apgr["oracle"]
    assert (pair.no_gap, pair.no_signal) == (False, False)
    interval = pair.contenders["router"].apgr_interval
    assert interval is not None and interval[0] < apgr["router"] < interval[1]
    behind = pair.contenders["random"].behind
    assert behind is not None and behind[0] > 0
    assert pair.reliability.ece < 0.1
    assert pair.curve[0] == (0.0, 0.0)
    assert pair.curve[-1][1] == pytest.approx(1.0)
    assert found.frontier[0].cost == pytest.approx(1.0)
    assert pair.contenders["router"].saving_98["5"] > 0.2


def test_without_a_gap_nothing_is_recovered() -> None:
    same = [
        msgspec.structs.replace(one, scores=dict.fromkeys(MODELS, one.scores["opus"]))
        for one in TABLE.prompts
    ]
    pair = evaluate(msgspec.structs.replace(TABLE, prompts=same), COSTS, "").pairs[0]
    assert (pair.no_gap, pair.no_signal, pair.curve) == (True, True, ())
    assert pair.contenders["router"].apgr is None
    assert pair.contenders["router"].saving_98["5"] == pytest.approx(0.8)


def test_a_router_that_knows_nothing_has_no_signal() -> None:
    blind = [Judgement((0.5, 0.5, 0.9), (0.3, 0.3, 0.0), 1.0)] * len(TABLE.prompts)
    pair = evaluate(msgspec.structs.replace(TABLE, judgements=blind), COSTS, "", resamples=100).pairs[0]
    assert (pair.no_gap, pair.no_signal) == (False, True)


def test_the_prior_may_come_from_what_was_learned_from_and_others_may_stand_beside() -> None:
    found = evaluate(
        TABLE, COSTS, "", learned=prompts(500, seed=9), extra={"mine": np.zeros(600)}, resamples=0
    )
    contenders = found.pairs[0].contenders
    assert contenders["mine"].apgr == pytest.approx(0.5)
    assert contenders["group_prior"].apgr == pytest.approx(contenders["router"].apgr)
    assert contenders["router"].apgr_interval is None


class Blind:
    models = MODELS

    def judge(self, sample: Sample) -> Judgement:
        return Judgement((0.5, 0.5, 0.5), (0.0, 0.0, 0.0), 1.0)


def test_only_prompts_that_all_models_answered_count() -> None:
    known = prompts(40)
    half = [msgspec.structs.replace(one, scores={"opus": 1.0}, id=f"h{one.id}") for one in known]
    assert len(judge_all(Blind(), known + half).prompts) == 40
    with pytest.raises(InvalidRequest, match="0 of 40 prompts"):
        judge_all(Blind(), half)
