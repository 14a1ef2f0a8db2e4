"""Looks at a route anew: from its labels to what could be put in service, and what that would change. Pure.

Prompts are divided in two by a hash of their words. From the one half a router is learned; on the other it is
certified, and the policy in service is measured beside it, on the same prompts. The router in service may
have learned from some of these, which makes it look better than it is, never the proposal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from hashlib import blake2b
from typing import Protocol

import msgspec

from pointsman.costs import PER_USD, PicoUsd
from pointsman.errors import InvalidRequest

from .evidence.certificate import Certificate, Refused
from .evidence.estimate import Estimate, mean_of, ratio_of
from .evidence.point import Point, Source
from .features import Features, decode_features
from .judgement import Judgement
from .labels.kept import Labelled, Mark
from .pool_review import Answers

PriceOf = Callable[[str, int, int], PicoUsd | None]
"""Model, tokens in and out → what such an answer costs today; None where no price is known."""

LEAST_FAMILIARITY = 0.01
"""Of the prompts learned from, so many are less familiar by what this means."""
MOST_UNFAMILIAR = 0.05

_SOURCES: Mapping[str, Source] = {
    "feedback": "feedback",
    "import": "import",
    "shadow": "shadow",
    "grader": "graded",
}
"""The least trustworthy first."""


class Judge(Protocol):
    """A router."""

    @property
    def models(self) -> tuple[str, ...]: ...
    def judge_features(self, features: Features) -> Judgement: ...


class Lesson(msgspec.Struct, frozen=True):
    """A labelled prompt, read."""

    id: str
    tenant: str
    features: Features
    scores: Mapping[str, float]
    costs: Mapping[str, PicoUsd]
    source: Source
    """The least trustworthy of its marks'."""

    def knows(self, models: Iterable[str]) -> bool:
        return all(model in self.scores and model in self.costs for model in models)

    @property
    def answers(self) -> Answers:
        return Answers(self.scores, self.costs)


def lessons_of(labelled: Iterable[Labelled], price_of: PriceOf) -> list[Lesson]:
    """Those of which features are kept, in a version that can be read. Where anything else is known of a
    prompt, feedback on it does not count: else whoever gives some could take labels away."""
    found = []
    for each in labelled:
        features = read_features(each.prompt.features)
        if features is None:
            continue
        marks = tuple(mark for mark in each.marks if mark.source != "feedback") or each.marks
        found.append(
            Lesson(
                each.prompt.id,
                each.prompt.tenant,
                features,
                Labelled(each.prompt, marks).scores,
                {mark.model: cost for mark in marks if (cost := _cost(mark, price_of)) is not None},
                _source(marks),
            )
        )
    return found


def _source(marks: Iterable[Mark]) -> Source:
    known = {mark.source for mark in marks}
    return next(source for name, source in _SOURCES.items() if name in known)


def read_features(data: bytes | None) -> Features | None:
    """None where there are none, or those of another version."""
    if data is None:
        return None
    try:
        return decode_features(data)
    except InvalidRequest:
        return None


def _cost(mark: Mark, price_of: PriceOf) -> PicoUsd | None:
    """Of its tokens at today's prices, since the future is what is reckoned; else what it did cost."""
    if mark.input_tokens is None or mark.output_tokens is None:
        return mark.cost
    price = price_of(mark.model, mark.input_tokens, mark.output_tokens)
    return mark.cost if price is None else price


def divide(lessons: Iterable[Lesson]) -> tuple[list[Lesson], list[Lesson]]:
    """To learn from, and to hold back. The same words are always on the same side, so that no prompt is
    judged by what was learned from its copy."""
    learn: list[Lesson] = []
    hold: list[Lesson] = []
    for lesson in lessons:
        known = blake2b(lesson.features.words, digest_size=1)
        known.update(lesson.features.pairs)
        (hold if known.digest()[0] & 1 else learn).append(lesson)
    return learn, hold


def points_of(lessons: Iterable[Lesson], judge: Judge) -> list[Point]:
    """In the order of the judge's models; only of prompts of which all is known. Costs in US dollars."""
    models = judge.models
    found = []
    for lesson in lessons:
        if not lesson.knows(models):
            continue
        judgement = judge.judge_features(lesson.features)
        found.append(
            Point(
                losses=judgement.losses,
                scores=tuple(lesson.scores[model] for model in models),
                costs=tuple(lesson.costs[model] / PER_USD for model in models),
                familiarity=judgement.familiarity,
                id=lesson.id,
                tenant=lesson.tenant,
                source=lesson.source,
            )
        )
    return found


class Worth(msgspec.Struct, frozen=True):
    """A policy on some prompts, against asking the baseline always."""

    kept: Estimate | None
    """Of the baseline's quality."""
    saving: Estimate | None
    """Of its cost."""


class Change(msgspec.Struct, frozen=True):
    """From one policy to another, on the same prompts."""

    prompts: int
    now: Worth
    then: Worth
    score: Estimate
    """Difference of the mean scores; below 0: worse than now."""
    cost: Estimate
    """Difference of the mean cost of a request in US dollars; below 0: cheaper than now."""


class Outcome(msgspec.Struct, frozen=True):
    """What a policy makes of one prompt."""

    score: float
    cost: float
    baseline_score: float
    baseline_cost: float


def outcome(lesson: Lesson, model: str, baseline: str) -> Outcome:
    return Outcome(
        lesson.scores[model],
        lesson.costs[model] / PER_USD,
        lesson.scores[baseline],
        lesson.costs[baseline] / PER_USD,
    )


def worth_of(outcomes: Sequence[Outcome]) -> Worth:
    return Worth(
        ratio_of([each.score for each in outcomes], [each.baseline_score for each in outcomes]),
        _share_saved([each.cost for each in outcomes], [each.baseline_cost for each in outcomes]),
    )


def change_between(now: Sequence[Outcome], then: Sequence[Outcome]) -> Change | None:
    """None where there is no prompt to tell by."""
    if not now:
        return None
    pairs = list(zip(now, then, strict=True))
    return Change(
        prompts=len(pairs),
        now=worth_of(now),
        then=worth_of(then),
        score=mean_of([after.score - before.score for before, after in pairs]),
        cost=mean_of([after.cost - before.cost for before, after in pairs]),
    )


def _share_saved(costs: Sequence[float], baseline: Sequence[float]) -> Estimate | None:
    paid = ratio_of(costs, baseline)
    return None if paid is None else Estimate(1 - paid.value, 1 - paid.high, 1 - paid.low)


class InForce(msgspec.Struct, frozen=True):
    """A router with the certificate by which it chooses."""

    judge: Judge
    certificate: Certificate

    def model_for(self, lesson: Lesson) -> str:
        judgement = self.judge.judge_features(lesson.features)
        return self.certificate.pool[self.certificate.position(judgement)]


Prove = Callable[[Sequence[Point], Judge, float], Certificate | Refused]
"""Prompts that were held back, the router, and the least familiarity of a prompt that it may choose for."""
Learn = Callable[[Sequence[Lesson], tuple[str, ...]], Judge]


class Proposal(msgspec.Struct, frozen=True):
    """What could be put in service."""

    learned_from: int
    held_back: int
    """Prompts of which all models' scores and costs are known."""
    judge: Judge
    proof: Certificate | Refused
    change: Change | None
    """Against what is in force; where nothing is, against the baseline alone."""


def propose(
    lessons: Sequence[Lesson],
    models: tuple[str, ...],
    learn: Learn,
    prove: Prove,
    in_force: InForce | None,
) -> Proposal | Refused:
    """A router and its certificate, if one can be had.

    Args:
        models: the pool, the baseline last.
        in_force: what chooses now; None: everything goes to the baseline.
    """
    to_learn, held = divide(lessons)
    both = [lesson for lesson in to_learn if sum(model in lesson.scores for model in models) > 1]
    known = [lesson for lesson in held if lesson.knows(models)]
    if not both or not known:
        return Refused(
            reason="No prompt has scores and costs of all models of the pool: shadows give them"
            " ([auto.NAME.shadow] share), and 'pointsman labels' shows what there is.",
            labels=len(known),
        )
    try:
        judge = learn(both, models)
    except InvalidRequest as error:
        return Refused(reason=error.message, labels=len(known))
    proof = prove(points_of(known, judge), judge, least_familiarity(both, judge))
    baseline = models[-1]
    now = [outcome(lesson, _now(lesson, in_force, models), baseline) for lesson in known]
    if isinstance(proof, Refused):
        then = [outcome(lesson, baseline, baseline) for lesson in known]
    else:
        force = InForce(judge, proof)
        then = [outcome(lesson, force.model_for(lesson), baseline) for lesson in known]
    return Proposal(len(both), len(known), judge, proof, change_between(now, then))


def least_familiarity(lessons: Sequence[Lesson], judge: Judge) -> float:
    """Below which a prompt is nothing that the router has learned from: less familiar than nearly all of
    those. Where the prompts are so alike that this would be many of them, it tells nothing, and is 0.

    Args:
        lessons: those learned from, so that the choice does not depend on what is held back.
    """
    far = sum(judge.judge_features(lesson.features).familiarity < LEAST_FAMILIARITY for lesson in lessons)
    return LEAST_FAMILIARITY if far <= MOST_UNFAMILIAR * len(lessons) else 0.0


def _now(lesson: Lesson, in_force: InForce | None, models: tuple[str, ...]) -> str:
    """What answers it now; the baseline where the pool has changed since."""
    model = models[-1] if in_force is None else in_force.model_for(lesson)
    return model if model in models else models[-1]
