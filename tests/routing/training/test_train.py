from __future__ import annotations

import random

import numpy as np
import pytest

from pointsman.errors import InvalidRequest
from pointsman.routing.evidence.curve import Order, apgr
from pointsman.routing.features import featurise
from pointsman.routing.router import Router
from pointsman.routing.sample import Sample
from pointsman.routing.training import Example, learn, train
from tests.support.prompts import EASY, HARD, STRONG, WEAK, examples, text_of

MODELS = (WEAK, STRONG)


def hardness(router: Router, text: str, route: str = "", tenant: str = "") -> float:
    return router.judge(Sample(text, route=route, tenant=tenant)).losses[0]


def area(losses: np.ndarray, known: list[Example] | tuple[Example, ...]) -> float:
    gains = np.array([e.scores[STRONG] - e.scores[WEAK] for e in known])
    return float(apgr(*Order(losses, gains).curves())[0])


def told_apart(router: Router, route: str = "", tenant: str = "") -> float:
    """Of fresh pairs of a hard and an easy prompt: how often the hard one needs the strong model more."""
    rng = random.Random(77)
    pairs = [(text_of(rng, hard=True), text_of(rng, hard=False)) for _ in range(200)]
    return float(
        np.mean(
            [
                hardness(router, hard, route, tenant) > hardness(router, easy, route, tenant)
                for hard, easy in pairs
            ]
        )
    )


@pytest.fixture(scope="module")
def trained() -> Router:
    return train(examples(1500), MODELS)


def test_it_finds_the_signal(trained: Router) -> None:
    assert told_apart(trained) > 0.99
    fresh = examples(600, seed=8)
    losses = np.array([trained.judge_features(e.features).losses[0] for e in fresh])
    assert area(losses, fresh) > 0.7


def test_its_chances_and_losses_are_true(trained: Router) -> None:
    rng = random.Random(5)
    for hard, weak, loss in ((True, 0.2, 0.7), (False, 0.9, 0.0)):
        judged = [trained.judge(Sample(text_of(rng, hard=hard))) for _ in range(300)]
        assert np.mean([one.probabilities[0] for one in judged]) == pytest.approx(weak, abs=0.06)
        assert np.mean([one.probabilities[1] for one in judged]) == pytest.approx(0.9, abs=0.04)
        assert np.mean([one.losses[0] for one in judged]) == pytest.approx(loss, abs=0.06)


def test_it_knows_what_it_does_not_know(trained: Router) -> None:
    assert trained.judge(Sample("xqzt wvbn plmo ghjk rtyu")).familiarity == 0
    assert trained.judge(Sample("¿Qué tiempo hace mañana en la ciudad?")).familiarity < 0.01


def test_an_explanation_names_the_words_that_tell(trained: Router) -> None:
    told = trained.explain(Sample("please tell me about the theorem"), 0, top=1)
    assert told[0].name == '"theorem"'
    assert told[0].weight < 0
    assert trained.explain(Sample("please tell me about the garden"), 0, top=1)[0].weight > 0


def test_the_same_labels_make_the_same_router_in_any_order(trained: Router) -> None:
    known = examples(1500)
    random.Random(3).shuffle(known)
    assert train(known, MODELS).encode() == trained.encode()


def test_unseen_judgements_belong_to_the_examples_given() -> None:
    known = examples(400)
    made = learn(known, MODELS)
    assert [known[at] for at in made.positions] == list(made.examples)
    assert sorted(made.positions) == list(range(400))
    assert 0.6 < area(made.losses[:, 0], made.examples) < 0.95


def test_where_there_is_no_signal_none_is_claimed() -> None:
    rng = random.Random(6)
    known = [Example(e.features, {m: float(rng.random() < 0.5) for m in MODELS}) for e in examples(800)]
    assert abs(area_of_noise(known)) < 0.2
    router = train(known, MODELS)
    losses = [router.judge_features(e.features).losses[0] for e in examples(200, seed=4)]
    assert np.std(losses) < 0.1


def area_of_noise(known: list[Example]) -> float:
    """Correlation of unseen losses with what was really lost."""
    made = learn(known, MODELS)
    lost = [e.scores[STRONG] - e.scores[WEAK] for e in made.examples]
    return float(np.corrcoef(made.losses[:, 0], lost)[0, 1])


def test_labels_of_one_model_only_are_learned_from_too() -> None:
    known = [
        Example(e.features, {(WEAK if at % 3 else STRONG): e.scores[WEAK if at % 3 else STRONG]})
        for at, e in enumerate(examples(3000))
    ]
    assert told_apart(train(known, MODELS)) > 0.95


def test_three_models_are_ranked() -> None:
    known = [
        Example(e.features, {**e.scores, "middle": max(e.scores[WEAK], float(at % 2 == 0 or at % 4 == 1))})
        for at, e in enumerate(examples(2000))
    ]
    judged = train(known, (WEAK, "middle", STRONG)).judge(Sample("please tell me about the theorem"))
    assert judged.losses[0] > judged.losses[1] > judged.losses[2] == 0
    assert judged.probabilities[0] < judged.probabilities[1]


def test_a_word_may_mean_the_opposite_on_another_route() -> None:
    plain = examples(2000, route="plain")
    turned = [
        Example(featurise(Sample(text_of(rng, hard=not hard), route="turned")), e.scores)
        for rng in [random.Random(9)]
        for e, hard in zip(examples(2000, seed=3), [False, True] * 1000, strict=True)
    ]
    router = train(plain + turned, MODELS)
    assert told_apart(router, route="plain") > 0.9
    assert told_apart(router, route="turned") < 0.1


def test_a_small_route_leans_on_all_and_keeps_its_level() -> None:
    rng = random.Random(12)
    hopeless = [
        Example(featurise(Sample(text_of(rng, hard=False), route="hopeless")), {WEAK: 0.0, STRONG: 1.0})
        for _ in range(60)
    ]
    router = train(examples(1500, route="usual") + hopeless, MODELS)
    assert told_apart(router, route="hopeless") > 0.95
    text = "please tell me about the garden"
    assert hardness(router, text, route="hopeless") > hardness(router, text, route="usual") + 0.2


def flipped(known: list[Example], share: float, seed: int) -> list[Example]:
    rng = random.Random(seed)
    return [
        Example(e.features, {model: 1 - score for model, score in e.scores.items()})
        if rng.random() < share
        else e
        for e in known
    ]


def test_a_fifth_of_the_labels_may_lie() -> None:
    assert told_apart(train(flipped(examples(2000), 0.2, 1), MODELS)) > 0.98


def test_one_tenant_that_spams_does_not_turn_the_router() -> None:
    honest = [e for n in range(5) for e in examples(300, seed=n, tenant=f"tenant-{n}")]
    spam = flipped(examples(8000, seed=20, tenant="spammer"), 1.0, 1)
    assert told_apart(train(honest + spam, MODELS), tenant="tenant-1") > 0.8


@pytest.mark.parametrize(
    ("models", "says"),
    [
        ((WEAK, "unheard"), "There are 0 labels of unheard; at least 20"),
        ((WEAK,), "at least two different models"),
        ((WEAK, WEAK, STRONG), "at least two different models"),
    ],
)
def test_what_cannot_be_learned_is_said(models: tuple[str, ...], says: str) -> None:
    with pytest.raises(InvalidRequest, match=says):
        train(examples(100), models)
    with pytest.raises(InvalidRequest, match="There are 10 labels of weak"):
        train(examples(10), MODELS)


@pytest.mark.parametrize("score", [0.0, 1.0])
def test_models_that_always_do_the_same_are_no_trouble(score: float) -> None:
    known = [Example(e.features, {WEAK: score, STRONG: score}) for e in examples(700)]
    judged = train(known, MODELS).judge(Sample(" ".join((*EASY, *HARD))))
    assert judged.losses == pytest.approx((0.0, 0.0), abs=0.01)
    assert judged.probabilities == pytest.approx((score, score), abs=0.01)


def test_progress_is_told_to_its_end() -> None:
    told: list[tuple[str, int, int]] = []
    learn(examples(100), MODELS, tell=lambda what, done, of: told.append((what, done, of)))
    assert [done for _, done, _ in told] == list(range(1, 14))
    assert {of for _, _, of in told} == {13}
    assert told[-1][0] == "learning strong"
