"""Asks a model which of two answers is better, in both orders. What it is asked is in
``routing/labels/judge.py``."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import msgspec

from pointsman.errors import ModelNotFound
from pointsman.gateway.call.planner import Planner
from pointsman.gateway.call.ports import Clock
from pointsman.gateway.edge.accept import OPENAI
from pointsman.gateway.errands import Errands, Wanted, most_cost
from pointsman.keys import KeyInfo
from pointsman.routing.labels.judge import judge_prompt, read_verdict, score
from pointsman.routing.sample import Sample

from .purse import Purse

MOST_OUTPUT = 2_048
"""Tokens of a verdict: three sentences and a line, with room for a model that thinks first."""


class Judge:
    """
    Args:
        model: as the settings name it.
        requested: what the ledger calls its calls: "judge:NAME".
        new_mark: something that nobody who writes answers can foresee; new each time.
    """

    def __init__(
        self,
        model: str,
        requested: str,
        errands: Errands,
        planner: Planner,
        purse: Purse,
        clock: Clock,
        new_mark: Callable[[], str],
    ) -> None:
        self._model = model
        self._requested = requested
        self._errands = errands
        self._planner = planner
        self._purse = purse
        self._clock = clock
        self._new_mark = new_mark

    async def compare(self, sample: Sample, candidate: str, baseline: str, key: KeyInfo) -> float | None:
        """The candidate's score against the baseline: 1 better, 0 worse, 0.5 neither; None where there is no
        verdict: the texts are too long, the judge did not answer, or the day's money is used up."""
        question = question_of(sample)
        wanted = [
            self._wanted(question, first, second)
            for first, second in ((candidate, baseline), (baseline, candidate))
        ]
        both = [each for each in wanted if each is not None]
        if len(both) < len(wanted) or (held := await self._purse.take(sum(w.most for w in both))) is None:
            return None
        spent = held.amount
        try:
            done = await asyncio.gather(
                *(self._errands.go(OPENAI, each, self._requested, key) for each in both)
            )
            spent = sum(one.cost(each.most) for one, each in zip(done, both, strict=True))
        finally:
            await self._purse.settle(held, spent)
        said = [None if one.reply is None else read_verdict(one.reply.text) for one in done]
        return score(said[0], said[1])

    def _wanted(self, question: str, first: str, second: str) -> Wanted | None:
        prompt = judge_prompt(question, first, second, self._new_mark())
        if prompt is None:
            return None
        body = msgspec.json.encode(
            {
                "model": self._model,
                "max_completion_tokens": MOST_OUTPUT,
                "messages": [{"role": "user", "content": prompt}],
            }
        )
        try:
            route = self._planner.plan(self._model, self._clock.today).route
        except ModelNotFound:
            return None
        most = most_cost(route, body, MOST_OUTPUT, self._clock.now_us())
        return None if most is None else Wanted(self._model, body, most)


def question_of(sample: Sample) -> str:
    """All that was said before the answer."""
    return "\n\n".join(part for part in (sample.system, sample.history, sample.text) if part)
