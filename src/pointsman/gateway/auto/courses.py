"""What a request, and the conversation that it belongs to, would cost with each model of its pool. No I/O."""

from __future__ import annotations

from collections import defaultdict

import msgspec

from pointsman.chat import Usage
from pointsman.gateway.call.call import Call
from pointsman.gateway.call.chosen import Chosen
from pointsman.gateway.call.pool import Pool, Wanted, stages_of
from pointsman.gateway.call.ports import Clock
from pointsman.gateway.call.question import Question
from pointsman.gateway.call.values import Route
from pointsman.routing import policies
from pointsman.routing.expected import course_of, expected_cost, moving_cost, staying_cost
from pointsman.routing.lengths import Lengths
from pointsman.routing.opening import opening_in, read_tools
from pointsman.routing.policies import Choice
from pointsman.routing.sample import Sample
from pointsman.routing.session import Conversations, Opening, Turn, opening_of

FIRST_OUTPUT = 400.0
"""Tokens of an answer, before any was seen."""
_FOLLOW = 0.02
"""Weight of each answer in the mean of their lengths."""


class Outlook(msgspec.Struct, frozen=True):
    """On the models of a pool, in its order."""

    costs: tuple[int | None, ...]
    """Expected, of the rest of the conversation where there is one."""
    alone: tuple[int | None, ...]
    """Of this request, as if there had been none before."""
    current: int | None
    """The position that the conversation is with."""


class Courses:
    """Remembers conversations, and how long answers are. Bounded: so many, and one mean for each model."""

    def __init__(self, clock: Clock, conversations: Conversations | None = None) -> None:
        self._clock = clock
        self._conversations = conversations or Conversations()
        self._outputs: dict[str, float] = {}
        self._lengths: defaultdict[str, Lengths] = defaultdict(Lengths)

    def opening(self, call: Call, route: str, sample: Sample | None = None) -> Opening | None:
        """What the call's conversation is known by.

        Args:
            sample: of its body, if that was read.
        """
        opening = opening_in(call.arrival.body, sample)
        if opening is None:
            return None
        return opening_of(call.arrival.key.id, route, opening, read_tools(call.arrival.body))

    def outlook(self, pool: Pool, wanted: Wanted, opening: Opening | None) -> Outlook:
        at_us, models = self._clock.now_us(), pool.auto.models
        routes = [None if plan is None else stages_of(plan)[0].routes[0] for plan in pool.plans]
        outputs = [self._output(route, wanted.peek.max_output) for route in routes]
        alone = tuple(
            None if route is None else expected_cost(route.pricer, wanted.prompt, output, at_us)
            for route, output in zip(routes, outputs, strict=True)
        )
        conversation = None if opening is None else self._conversations.find(opening.digest)
        if opening is None or conversation is None or conversation.model not in models:
            return Outlook(alone, alone, None)
        current, size = models.index(conversation.model), len(wanted.arrival.body)
        to_come = self._lengths[pool.auto.name].to_come(conversation.turns + 1)
        course = course_of(conversation, models, size, outputs[current], to_come, at_us)
        if course is None:
            return Outlook(alone, alone, current)
        known = [self._conversations.cached(opening, conversation, model, at_us) for model in models]
        with_now = routes[current]
        present = None if with_now is None else with_now.pricer
        costs: list[int | None] = []
        for position, route in enumerate(routes):
            pricer = None if route is None else route.pricer
            own = msgspec.structs.replace(course, output=outputs[position])
            if position < current:
                costs.append(moving_cost(pricer, own, known[position], present, known[current]))
            else:
                costs.append(staying_cost(pricer, own, known[position]))
        return Outlook(tuple(costs), alone, current)

    def stay(self, question: Question, choice: Choice) -> Choice:
        """The conversation's model in place of the policy's choice, where it is no worse and no dearer."""
        current, count = question.current, len(question.able)
        if current is None:
            return choice
        if choice.reason == "cheapest":
            losses: tuple[float, ...] = (0.0,) * count
        elif choice.reason == "keywords":
            losses = tuple(float(count - position) for position in range(count))
        elif choice.reason in ("certified", "uncertain") and question.judgement is not None:
            losses = question.judgement.losses
        else:
            return choice
        return policies.staying(choice, losses, question.able, question.prices, current)

    def answered(self, call: Call, chosen: Chosen, route: Route, usage: Usage) -> None:
        """Remember how long the answer was, and what its conversation has in a cache now."""
        before = self._outputs.get(route.deployment, FIRST_OUTPUT)
        self._outputs[route.deployment] = before + _FOLLOW * (usage.output - before)
        position = chosen.pool.position_of(route)
        if chosen.conversation is None or position is None:
            return
        models = chosen.decision.models
        turn = Turn(
            models[position],
            models[chosen.own_choice],
            len(call.arrival.body),
            usage,
            self._clock.now_us(),
        )
        turns = self._conversations.answered(chosen.conversation, turn)
        self._lengths[chosen.decision.route].reached(turns)

    def _output(self, route: Route | None, most: int | None) -> int:
        usual = int(FIRST_OUTPUT if route is None else self._outputs.get(route.deployment, FIRST_OUTPUT))
        return usual if most is None else min(usual, most)
