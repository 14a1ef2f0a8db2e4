"""One request that others of its pool answer too: what is asked of whom, and what labels come of it.

other models' answers → a score for each answer, the client's own among them → labels
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence

import msgspec

from pointsman.chat import Usage
from pointsman.costs import PicoUsd
from pointsman.dialects.base import Peek
from pointsman.errors import PointsmanError
from pointsman.gateway.aside import aside
from pointsman.gateway.call.chosen import Chosen
from pointsman.gateway.call.ports import Clock
from pointsman.gateway.call.values import Arrival
from pointsman.gateway.errands import Done, Errands, Wanted, errand_body, errand_key, most_cost, output_cap
from pointsman.keys import KeyInfo
from pointsman.routing.cascade.reply import Reply
from pointsman.routing.labels.grader import Grader, Question
from pointsman.routing.labels.judge import BASELINE
from pointsman.routing.labels.kept import Mark, Source
from pointsman.routing.sample import Sample

from .judging import Judge
from .metrics import Skipped
from .purse import Purse


class Unlabelled(Exception):
    """No labels come of it."""

    def __init__(self, reason: Skipped) -> None:
        super().__init__(reason)
        self.reason = reason


class Given(msgspec.Struct, frozen=True):
    """One answer, whoever asked for it."""

    reply: Reply
    usage: Usage | None
    cost: PicoUsd | None
    request: str
    """Its id."""


class Had(msgspec.Struct, frozen=True):
    """What a client asked and was answered."""

    arrival: Arrival
    peek: Peek
    chosen: Chosen
    sample: Sample
    model: str
    """Of the pool, that answered."""
    given: Given


Besides = Callable[[Had, Mapping[str, Given], Mapping[str, float]], Mark | None]
"""What else the scores of all answers tell: of a cascade."""


class ShadowWork:
    """For the requests of one route."""

    def __init__(
        self,
        *,
        name: str,
        errands: Errands,
        purse: Purse,
        clock: Clock,
        grader: Grader | None,
        judge: Judge | None,
        priority: int,
        max_wait: float,
        besides: Besides | None = None,
    ) -> None:
        """Exactly one of ``grader`` and ``judge`` is there."""
        self._requested = f"shadow:{name}"
        self._errands = errands
        self._purse = purse
        self._clock = clock
        self._grader = grader
        self._judge = judge
        self._priority = priority
        self._max_wait = max_wait
        self._besides = besides

    async def labels(self, had: Had) -> list[Mark]:
        """Raises Unlabelled."""
        wanted = self._others(had)
        given = {had.model: had.given}
        held = await self._purse.take(sum(each.most for each in wanted))
        if held is None:
            raise Unlabelled("budget")
        spent: PicoUsd = held.amount
        try:
            done = await self._ask(had, wanted)
            spent = sum(one.cost(each.most) for one, each in zip(done, wanted, strict=True))
        finally:
            await self._purse.settle(held, spent)
        given |= self._answers(had, wanted, done)
        scores = await self._scores(had, given)
        if len(scores) < 2 or had.chosen.decision.baseline not in scores:
            raise Unlabelled("ungraded")
        marks = [self._mark(model, score, given[model], "shadow") for model, score in scores.items()]
        more = None if self._besides is None else self._besides(had, given, scores)
        return marks if more is None else [*marks, more]

    async def own_label(self, had: Had) -> list[Mark]:
        """Where the day's money is used up: what the grader says of the client's own answer by itself."""
        grader = self._grader
        if grader is None or grader.needs_reference:
            return []
        score = await _grade(grader, question_for(had, None), had.given.reply.text)
        return [] if score is None else [self._mark(had.model, score, had.given, "grader")]

    def _others(self, had: Had) -> list[Wanted]:
        """The rest of the pool. Without the baseline no pair would come of it."""
        decision, pool, peek = had.chosen.decision, had.chosen.pool, had.peek
        like = had.given.usage.output if had.given.usage is not None else 0
        wanted: list[Wanted] = []
        for model, name, plan in zip(decision.models, pool.auto.pool, pool.plans, strict=True):
            if model == had.model or plan is None:
                continue
            cap = output_cap(peek.max_output, plan.defaults, plan.route, like)
            body = errand_body(peek, had.arrival.face, name, cap)
            most = most_cost(plan.route, body, cap, self._clock.now_us())
            if most is None:
                raise Unlabelled("unpriced")
            wanted.append(Wanted(model, body, most))
        if not wanted or decision.baseline not in (had.model, *(each.model for each in wanted)):
            raise Unlabelled("no_other")
        return wanted

    async def _ask(self, had: Had, wanted: Sequence[Wanted]) -> list[Done]:
        key = self._key(had)
        face = had.arrival.face
        return await asyncio.gather(*(self._errands.go(face, each, self._requested, key) for each in wanted))

    def _answers(self, had: Had, wanted: Sequence[Wanted], done: Sequence[Done]) -> dict[str, Given]:
        """Those that came. One that our cap cut, and not the client's, says nothing of its model."""
        given: dict[str, Given] = {}
        ours = had.peek.max_output is None
        cut = False
        for each, one in zip(wanted, done, strict=True):
            if one.reply is None or one.entry is None:
                continue
            if ours and not one.reply.ended:
                cut = True
                continue
            given[each.model] = Given(one.reply, one.entry.usage, one.entry.cost, one.entry.request_id)
        if had.chosen.decision.baseline not in (had.model, *given) or not given:
            raise Unlabelled("unfinished" if cut else "failed")
        return given

    async def _scores(self, had: Had, given: Mapping[str, Given]) -> dict[str, float]:
        baseline = had.chosen.decision.baseline
        if self._judge is not None:
            return await self._judged(had, given, self._judge)
        grader = self._grader
        assert grader is not None, "one of both is there"
        right = given[baseline].reply
        if grader.needs_reference and not right.ended:
            return {}
        question = question_for(had, right.text if grader.needs_reference else None)
        scores: dict[str, float] = {}
        for model, answer in given.items():
            score = await _grade(grader, question, answer.reply.text)
            if score is not None:
                scores[model] = score
        return scores

    async def _judged(self, had: Had, given: Mapping[str, Given], judge: Judge) -> dict[str, float]:
        baseline = had.chosen.decision.baseline
        key, best = self._key(had), given[baseline].reply.text
        scores = {baseline: BASELINE}
        for model, answer in given.items():
            if model == baseline:
                continue
            score = await judge.compare(had.sample, answer.reply.text, best, key)
            if score is not None:
                scores[model] = score
        return scores

    def _key(self, had: Had) -> KeyInfo:
        return errand_key(
            self._requested, had.arrival.key.tenant, priority=self._priority, max_wait=self._max_wait
        )

    def _mark(self, model: str, score: float, given: Given, source: Source) -> Mark:
        usage = given.usage
        return Mark(
            model,
            score,
            source,
            self._clock.now_us(),
            "",
            None if usage is None else usage.prompt,
            None if usage is None else usage.output,
            given.cost,
            given.request,
        )


def question_for(had: Had, reference: str | None) -> Question:
    """What a grader holds answers against."""
    try:
        wanted = had.arrival.face.decode_request(had.arrival.body).response_format
    except PointsmanError:
        wanted = None
    schema = wanted.schema if wanted is not None and wanted.kind == "json_schema" else None
    return Question(reference, schema)


async def _grade(grader: Grader, question: Question, answer: str) -> float | None:
    if grader.slow:
        return await aside(grader.grade, question, answer)
    return grader.grade(question, answer)
