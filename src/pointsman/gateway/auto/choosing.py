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
from pointsman.gateway.call.call import Call
from pointsman.gateway.call.chosen import Chosen
from pointsman.gateway.call.planner import Planner
from pointsman.gateway.call.pool import Pool, Wanted
from pointsman.gateway.call.ports import Clock, Random
from pointsman.gateway.call.question import Question
from pointsman.gateway.call.values import Plan, header_value
from pointsman.ledger.entry import Entry
from pointsman.routing import policies
from pointsman.routing.decision import Decision, Reason
from pointsman.routing.journal import Decided
from pointsman.routing.policies import Choice
from pointsman.routing.sample import Sample, read_body
from pointsman.routing.session import Opening

from .courses import Courses
from .gradable import ungradable
from .routing import Routing

PIN = b"x-pointsman-pin"


class Learned(Protocol):
    """The policies that need a router; in ``learned.py``."""

    def choose(self, question: Question) -> Choice: ...


class Right(Protocol):
    """Whether a cascade may ask cheap models; in ``gateway/cascade/right.py``."""

    def why_not(self, question: Question) -> Reason | None: ...


class Chooser:
    """One for a gateway."""

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
        self._samples = routing.samples
        self._right = right
        self._courses = Courses(clock)
        self._pools: dict[str, Pool] = {}

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
        opening = self._courses.opening(call, auto.name, sample) if sticks else None
        question = self._question(call, pool, sample, opening)
        own = Choice(pin, "pinned") if pin is not None else self._ask(question)
        choice = self._courses.stay(question, own)
        decision = _decision(question, choice)
        call.chosen = Chosen(
            decision,
            pool,
            (b"x-pointsman-route", _header(decision)),
            sample,
            question.reading,
            opening,
            own.position,
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
        self._courses.answered(call, chosen, route, usage)

    def _keep(self, call: Call, chosen: Chosen) -> None:
        decision, arrival = chosen.decision, call.arrival
        self._metrics.decided(decision)
        if chosen.sample is not None and chosen.pool.auto.settings.keep_prompts:
            decision = msgspec.structs.replace(decision, features=chosen.features(chosen.sample))
        self._watch.decided(decision)
        if chosen.sample is not None and decision.judgement is not None:
            self._samples.add(arrival.request_id, chosen.sample)
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

    def _question(self, call: Call, pool: Pool, sample: Sample | None, opening: Opening | None) -> Question:
        assert call.peek is not None
        wanted = Wanted(call.arrival, call.peek, sample)
        able, outlook = pool.able(wanted), self._courses.outlook(pool, wanted, opening)
        prices, alone = (_prices(costs, able) for costs in (outlook.costs, outlook.alone))
        gradable = sample is None or ungradable(call.peek, sample, call.arrival.body) is None
        return Question(
            pool.auto, pool, sample, able, outlook.costs, prices, alone, outlook.current, gradable
        )

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
            return policies.cheapest(able, question.alone)
        if policy == "keywords":
            if question.sample is None:
                return policies.strongest(able, "unreadable")
            return policies.keywords(question.sample.text, able)
        return self._learned.choose(question)


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
