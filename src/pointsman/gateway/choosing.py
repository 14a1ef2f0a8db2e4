"""Choose: which model of a pool answers a request for "auto", and what is remembered of it. No I/O.

The policies are pure (``routing/policies.py``). Here is what they need of a running gateway: who can do the
request, what it would cost, which router and certificate are in service, and where the conversation is.
Nothing that is decided here touches a key's rights or limits: a prompt can steer the choice of a model, and
nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import msgspec

from pointsman.config.auto_routes import AUTO, AutoRoute, auto_model
from pointsman.errors import InvalidRequest, ModelNotFound
from pointsman.ledger.entry import Entry
from pointsman.routing import policies
from pointsman.routing.decision import Decision, Reason
from pointsman.routing.expected import course_cost, expected_cost
from pointsman.routing.features import featurise
from pointsman.routing.journal import Decided
from pointsman.routing.opening import read_opening
from pointsman.routing.policies import Choice
from pointsman.routing.sample import Sample, read_body
from pointsman.routing.session import Conversation, Conversations, conversation_digest

from .call import Call
from .chosen import Chosen
from .planner import Planner
from .pool import Pool, Wanted, stages_of
from .ports import Clock, Random
from .question import Question, stayed
from .routing import Routing
from .values import Plan, header_value

PIN = b"x-pointsman-pin"
FIRST_OUTPUT = 400.0
"""Tokens of an answer, before any was seen."""
_FOLLOW = 0.02
"""Weight of each answer in the mean of their lengths."""


class Learned(Protocol):
    """The policies that need a router; in ``learned.py``."""

    def choose(self, question: Question) -> Choice: ...


class Right(Protocol):
    """Whether a cascade may ask cheap models; in ``cascade_right.py``."""

    def why_not(self, question: Question) -> Reason | None: ...


class Chooser:
    """One for a gateway. All state is bounded: conversations, and one mean for each model."""

    def __init__(
        self,
        autos: Mapping[str, AutoRoute],
        aliases: Mapping[str, str],
        planner: Planner,
        *,
        clock: Clock,
        random: Random,
        learned: Learned,
        right: Right | None = None,
        routing: Routing,
        conversations: Conversations | None = None,
    ) -> None:
        self._autos = {auto.model: auto for auto in autos.values()}
        self._autos |= {f"{AUTO}:{name}": auto for name, auto in autos.items()}
        self._by_name = {
            alias: self._autos[target] for alias, target in aliases.items() if target in self._autos
        } | self._autos
        self._planner = planner
        self._clock = clock
        self._random = random
        self._learned = learned
        self._journal = routing.journal
        self._metrics = routing.metrics
        self._watch = routing.watch
        self._right = right
        self._conversations = conversations or Conversations()
        self._pools: dict[str, Pool] = {}
        self._outputs: dict[str, float] = {}

    def auto(self, name: str, of_key: str) -> AutoRoute | None:
        """What a model's name means; None if we are to choose nothing.

        Args:
            of_key: what "auto" means for the caller's key; "": as for all.

        Raises:
            ModelNotFound: the key's is not in the settings; says which there are.
        """
        if of_key and name == AUTO:
            known = self._autos.get(auto_model(of_key))
            if known is None:
                there = ", ".join(sorted({auto.name for auto in self._autos.values()})) or "none"
                raise ModelNotFound(
                    f'What "auto" means for this key, [auto.{of_key}], is not in the settings. '
                    f"There are: {there}.",
                    param="model",
                )
            return known
        return self._by_name.get(name)

    def choose(self, call: Call, auto: AutoRoute) -> Plan:
        """Decide, and note it in the call.

        Raises:
            InvalidRequest: the pin is no model of the pool.
            ModelNotFound: no model of the pool is served here.
        """
        arrival, peek, pool = call.arrival, call.peek, self._pool(auto)
        assert peek is not None, "peeked at before it is decided upon"
        sample = read_body(arrival.body, route=auto.name, tenant=arrival.key.tenant)
        pin, sticks = self._pin(arrival.headers.get(PIN), auto)
        digest = self._conversation(call, auto) if sticks else None
        question = self._question(call, auto, pool, sample, digest)
        choice = Choice(pin, "pinned") if pin is not None else self._ask(question)
        decision = _decision(question, choice)
        call.chosen = Chosen(
            decision,
            pool,
            (b"x-pointsman-route", _header(decision)),
            sample,
            question.features,
            digest,
            tuple(pool.way(position, _only(position, question.able)) for position in auto.first)
            if choice.reason == "cascade"
            else (),
        )
        return pool.way(choice.position, question.able)

    def settled(self, call: Call, entry: Entry) -> None:
        """It was answered, or not: keep what was decided, and remember what its conversation has in a cache
        and how long the answer was."""
        chosen, route = call.chosen, call.route
        if chosen is None:
            return
        self._keep(call, chosen)
        if route is None or not call.attempts:
            return
        answers = (record for record in reversed(call.attempts) if record.route is route)
        usage = next((record.usage for record in answers), None)
        if entry.outcome != "ok" or usage is None:
            return
        before = self._outputs.get(route.deployment, FIRST_OUTPUT)
        self._outputs[route.deployment] = before + _FOLLOW * (usage.output - before)
        position = chosen.pool.position_of(route)
        if chosen.conversation is not None and position is not None:
            model = chosen.decision.models[position]
            self._conversations.answered(chosen.conversation, model, usage, self._clock.now_us())

    def _keep(self, call: Call, chosen: Chosen) -> None:
        decision, arrival = chosen.decision, call.arrival
        self._metrics.decided(decision)
        if chosen.sample is not None and chosen.pool.auto.settings.keep_prompts:
            features = chosen.features or featurise(chosen.sample)
            decision = msgspec.structs.replace(decision, features=features.encode())
        self._watch.decided(decision)
        self._journal.record(
            Decided(arrival.request_id, arrival.at_us, arrival.key.tenant, arrival.key.id, decision)
        )

    def _pool(self, auto: AutoRoute) -> Pool:
        day, known = self._clock.today(), self._pools.get(auto.name)
        if known is None or known.day != day:
            known = self._pools[auto.name] = Pool(auto, self._planner, day)
        return known

    def _pin(self, header: bytes | None, auto: AutoRoute) -> tuple[int | None, bool]:
        """The pinned position, and whether the conversation counts."""
        if header is None:
            return None, auto.settings.sticky
        name = header.decode("latin-1").strip()
        if name == "none":
            return None, False
        if name == "baseline":
            return len(auto.models) - 1, auto.settings.sticky
        for names in (auto.pool, auto.models):
            if name in names:
                return names.index(name), auto.settings.sticky
        raise InvalidRequest(
            f"x-pointsman-pin: '{name}' is not in the pool of {auto.model}. There are: "
            f"{', '.join(auto.models)}; baseline; and none, for no pin and no heed of the conversation.",
            param=PIN.decode(),
        )

    def _conversation(self, call: Call, auto: AutoRoute) -> bytes | None:
        opening = read_opening(call.arrival.body)
        return None if opening is None else conversation_digest(call.arrival.key.id, auto.name, opening)

    def _question(
        self, call: Call, auto: AutoRoute, pool: Pool, sample: Sample | None, digest: bytes | None
    ) -> Question:
        peek = call.peek
        assert peek is not None
        wanted = Wanted(call.arrival, peek, sample)
        conversation = None if digest is None else self._conversations.find(digest)
        current = None
        if conversation is not None and conversation.model in auto.models:
            current = auto.models.index(conversation.model)
        able = pool.able(wanted)
        alone = self._costs(pool, wanted, None, None)
        costs = alone if current is None else self._costs(pool, wanted, conversation, current)
        return Question(auto, pool, sample, able, costs, _prices(costs, able), _prices(alone, able), current)

    def _costs(
        self, pool: Pool, wanted: Wanted, conversation: Conversation | None, current: int | None
    ) -> tuple[int | None, ...]:
        at_us, most = self._clock.now_us(), wanted.peek.max_output
        costs: list[int | None] = []
        for position, plan in enumerate(pool.plans):
            if plan is None:
                costs.append(None)
                continue
            route = stages_of(plan)[0].routes[0]
            output = int(self._outputs.get(route.deployment, FIRST_OUTPUT))
            output = output if most is None else min(output, most)
            if conversation is None:
                costs.append(expected_cost(route.pricer, wanted.prompt, output, at_us))
            else:
                costs.append(
                    course_cost(
                        route.pricer,
                        wanted.prompt,
                        output,
                        at_us,
                        conversation=conversation,
                        stays=position == current,
                    )
                )
        return tuple(costs)

    def _ask(self, question: Question) -> Choice:
        auto, able = question.auto, question.able
        policy = auto.settings.policy
        if policy == "fixed":
            return policies.strongest(able, "fixed")
        if policy == "cascade":
            why_not = None if self._right is None else self._right.why_not(question)
            possible: Reason = "cascade" if all(able[at] for at in auto.first) else "cannot"
            return policies.strongest(able, why_not or possible)
        if policy == "cheapest":
            choice, alone = (policies.cheapest(able, costs) for costs in (question.prices, question.alone))
        elif policy == "keywords":
            if question.sample is None:
                return policies.strongest(able, "unreadable")
            text, current = question.sample.text, question.current
            choice = policies.keywords(text, able, question.prices, current)
            alone = policies.keywords(text, able, question.alone, None)
        else:
            return self._learned.choose(question)
        return stayed(choice, alone)


def _prices(costs: tuple[int | None, ...], able: tuple[bool, ...]) -> tuple[float, ...]:
    known = [cost if can else 0 for cost, can in zip(costs, able, strict=True)]
    prices = [float(cost) for cost in known if cost is not None]
    return tuple(prices) if len(prices) == len(costs) else tuple(map(float, range(len(costs))))


def _decision(question: Question, choice: Choice) -> Decision:
    auto, current = question.auto, question.current
    moved = current is not None and current != choice.position
    return Decision(
        auto.name,
        auto.settings.policy,
        auto.models,
        choice.position,
        choice.reason,
        choice.propensity,
        question.judgement,
        question.threshold,
        question.certificate,
        question.router,
        question.costs,
        ("up" if current is not None and choice.position > current else "down") if moved else "",
    )


def _only(position: int, able: tuple[bool, ...]) -> tuple[bool, ...]:
    return tuple(at == position and can for at, can in enumerate(able))


def _header(decision: Decision) -> bytes:
    return header_value(f"{decision.route}; policy={decision.policy}; reason={decision.reason}")
