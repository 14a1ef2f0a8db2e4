"""The autopilot against the simulator's billing: what it places, what it learns, and that it never loses more
than it may, whatever comes."""

from __future__ import annotations

from decimal import Decimal

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.prompt_cache.pilot import Pilot
from bench.prompt_cache.provider import Provider, model_of
from bench.prompt_cache.schemes import SHARED, best
from bench.prompt_cache.traces import Sent, agent, gone, one_off
from pointsman.chat import Usage
from pointsman.promptcache import Autopilot, Placement, Prices, Sight, Terms
from pointsman.promptcache.apply import read_prompt
from pointsman.promptcache.memory import Kept

SONNET = model_of("claude-sonnet-4-6")


def costs(*conversations: list[Sent], risk: int = 10**12) -> tuple[Decimal, Decimal, Pilot]:
    """With the autopilot and without any breakpoint."""
    pilot, plain = Pilot(Provider(SONNET), risk), Provider(SONNET)
    pilot.send_all(conversations)
    for conversation in conversations:
        for sent in conversation:
            plain.take(sent)
    return pilot.provider.usd, plain.usd, pilot


@pytest.mark.parametrize("model", ["claude-sonnet-4-6", "claude-opus-5-5", "claude-haiku-4-5"])
def test_an_agents_trace_costs_what_the_best_placement_costs(model: str) -> None:
    """Models that keep 1,024, 512 and 4,096 tokens at least; the bench has more turns and pauses."""
    known = model_of(model)
    trace = agent(known.id, 0, (1.0,), turns=12)
    pilot, plain = Pilot(Provider(known)), Provider(known)
    pilot.send_all([trace])
    for sent in trace:
        plain.take(sent)
    assert pilot.provider.usd <= plain.usd * Decimal("0.40")
    assert pilot.provider.usd <= best(known, [trace]).usd * Decimal("1.02")


def test_pauses_of_six_minutes_are_learned() -> None:
    traces = [agent(SONNET.id, number, (6.0,), start=number * 7200.0, turns=12) for number in range(3)]
    pilot = Pilot(Provider(SONNET))
    pilot.send_all(traces[:2])
    before = pilot.provider.usd
    pilot.send_all(traces[2:])
    assert pilot.provider.usd - before <= best(SONNET, traces[2:]).usd * Decimal("1.02")
    assert any(usage.cache_write_1h for usage in pilot.provider.calls[-12:])


def test_what_is_usual_with_others_is_known_of_who_comes_for_the_first_time() -> None:
    """Their first conversation is kept for the hour from the first request on."""
    autopilot = Autopilot(10**12)
    for other in range(5):
        traces = [
            agent(SONNET.id, n, (6.0,), start=(other * 2 + n) * 7200.0, turns=5, seed=f"{other}")
            for n in range(2)
        ]
        Pilot(Provider(SONNET), tenant=f"{other}", autopilot=autopilot).send_all(traces)
    trace = agent(SONNET.id, 0, (6.0,), start=90_000.0, turns=5, seed="new")
    pilot = Pilot(Provider(SONNET), tenant="new", autopilot=autopilot)
    pilot.send_all([trace])
    assert pilot.provider.usd <= best(SONNET, [trace]).usd * Decimal("1.01")


def test_pauses_of_more_than_an_hour_are_given_up_on() -> None:
    cost, plain, pilot = costs(agent(SONNET.id, 0, (70.0,), turns=12))
    assert cost <= plain * Decimal("1.03")
    assert pilot.declined[-6:] == ["not_worth"] * 6


def test_prompts_that_come_once_are_left_alone() -> None:
    cost, plain, pilot = costs(one_off(SONNET.id, 20, words=1500))
    assert (cost, pilot.breakpoints, set(pilot.declined)) == (plain, 0, {"not_worth"})


@pytest.mark.parametrize(("count", "pause"), [(30, 20.0), (26, 290.0), (40, 0.0)])
def test_first_requests_with_tools_that_nobody_goes_on_with_cost_a_hundredth_more_at_most(
    count: int, pause: float
) -> None:
    """Each with tools and instructions of its own; one after the other, and all at once."""
    cost, plain, pilot = costs(gone(SONNET.id, count, pause))
    assert plain < cost <= plain * Decimal("1.01")
    assert pilot.breakpoints == 3
    assert set(pilot.declined) <= {"unproven", "not_worth"}


@pytest.mark.parametrize(("count", "own", "turns"), [(5, False, 5), (3, True, 14), (30, False, 2)])
def test_agents_that_begin_at_once_cost_what_the_best_placement_costs(
    count: int, own: bool, turns: int
) -> None:
    """Of a tenant that was never seen; with the same tools, and instructions of their own or the same."""
    traces = [
        agent(SONNET.id, number, (1.0,), turns=turns, system=str(number) if own else "")
        for number in range(count)
    ]
    pilot = Pilot(Provider(SONNET))
    pilot.send_all(traces)
    assert pilot.provider.usd <= best(SONNET, traces, SHARED).usd * Decimal("1.02")


def test_what_is_shared_is_kept_from_its_second_use_on() -> None:
    cost, plain, pilot = costs(one_off(SONNET.id, 10, shared=3000, words=500))
    assert cost < plain * Decimal("0.55")
    assert pilot.breakpoints == 9


def test_the_beginning_is_found_again_across_more_than_twenty_blocks() -> None:
    """An answer with many tools at once: the entry is further away than is looked back from the end."""
    first = msgspec.json.decode(agent(SONNET.id, 0, (1.0,), turns=1)[0].body)
    calls = [{"type": "tool_use", "id": f"t{n}", "name": "tool_1", "input": {}} for n in range(14)]
    results = [{"type": "tool_result", "tool_use_id": f"t{n}", "content": "x " * 50} for n in range(14)]
    more = [{"role": "assistant", "content": calls}, {"role": "user", "content": results}]
    second = {**first, "messages": [*first["messages"], *more]}
    pilot = Pilot(Provider(SONNET))
    for at, body in enumerate((first, second)):
        pilot.send(Sent(at * 9.0, msgspec.json.encode(body), 10))
    one, two = pilot.provider.calls
    assert two.cache_read == one.cache_write > 1024
    assert pilot.breakpoints == 3 + 2


def test_who_writes_anew_what_was_said_is_found_out() -> None:
    """A chat whose last message bears what was looked up for it, and whose history does not: no request goes
    on with the one before, to the byte."""
    history: list[dict[str, str]] = []
    sent = []
    for turn in range(20):
        asked = {"role": "user", "content": f"question {turn}"}
        found = {"role": "user", "content": f"question {turn} " + "looked up " * 1500}
        body = {"model": SONNET.id, "max_tokens": 9, "messages": [*history, found]}
        sent.append(Sent(turn * 25.0, msgspec.json.encode(body), 50))
        history += [asked, {"role": "assistant", "content": "answer " * 40}]
    cost, plain, pilot = costs(sent)
    assert set(pilot.declined) == {"unproven", "not_worth"}
    assert pilot.declined[-3:] == ["not_worth"] * 3
    assert cost < plain * Decimal("1.02")


def test_a_cache_that_forgets_is_noticed() -> None:
    """A provider that keeps nothing for long: the premium is not paid for ever."""

    class Forgetful(Provider):
        def take(self, sent: Sent) -> Usage:
            self._cache = type(self._cache)()
            return super().take(sent)

    trace = agent(SONNET.id, 0, (0.2,), turns=20)
    pilot, plain = Pilot(Forgetful(SONNET)), Provider(SONNET)
    pilot.send_all([trace])
    for sent in trace:
        plain.take(sent)
    assert pilot.declined == ["not_worth"] * len(pilot.declined)
    assert len(pilot.declined) >= 8
    assert pilot.provider.usd < plain.usd * Decimal("1.1")


def test_too_short_prompts_cost_no_thought() -> None:
    body = msgspec.json.encode(
        {"model": SONNET.id, "max_tokens": 9, "messages": [{"role": "user", "content": "word " * 400}]}
    )
    cost, plain, pilot = costs([Sent(float(n), body, 10) for n in range(5)])
    assert cost == plain
    assert pilot.declined == ["short"] * 5


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from([0, 1, 2, 3]),
            st.sampled_from([0.1, 4.5, 5.5, 59.0, 61.0, 200.0]),
            st.booleans(),
        ),
        min_size=5,
        max_size=40,
    )
)
def test_whatever_comes_no_more_is_lost_than_may_be(steps: list[tuple[int, float, bool]]) -> None:
    """Conversations that go on just too late, break off when they look promising, and begin anew, in any
    order: the sum of all calls never exceeds what they cost without breakpoints by more than the risk."""
    risk = Decimal("0.05")
    pilot, plain = Pilot(Provider(SONNET), int(risk * 10**12)), Provider(SONNET)
    turns = [0, 0, 0, 0]
    names = [0, 0, 0, 0]
    at = 0.0
    for which, minutes, breaks in steps:
        at += minutes * 60
        if breaks or turns[which] == len(CONVERSATIONS[0]):
            turns[which] = 0
            names[which] = (names[which] + 1) % 4
        sent = CONVERSATIONS[which * 4 + names[which]][turns[which]]._replace(at=at)
        turns[which] += 1
        pilot.send(sent)
        plain.take(sent)
        assert pilot.provider.usd <= plain.usd + risk


CONVERSATIONS = [
    agent(SONNET.id, number, (1.0,), turns=4, seed=f"own {number % 2}", system=f"{number % 3}")
    for number in range(16)
]


def test_longer_lives_stand_first() -> None:
    """Tools are there for a while yet, and the instructions behind them are to be kept for the hour: in the
    other order the provider would refuse them."""
    body = msgspec.json.decode(agent(SONNET.id, 0, (1.0,), turns=1)[0].body)
    body["messages"][0]["content"] = "a long file " * 9000
    fields = msgspec.json.decode(msgspec.json.encode(body), type=dict[str, msgspec.Raw])
    prompt = read_prompt(fields, "d", "me")
    assert prompt is not None
    autopilot = Autopilot(10**12)
    sight = autopilot.look(prompt, 0.0)
    assert isinstance(sight, Sight)
    tools, system = sight.levels
    tools.kept = Kept(sight.shared_tokens(tools), 300.0, "5m")
    for _ in range(20):
        system.tally.not_soon()
        system.tally.later()
    placement = autopilot.place(sight, TERMS, 10.0)
    assert isinstance(placement, Placement)
    assert (placement.tools, placement.system, placement.tail) == ("1h", "1h", "5m")


TERMS = Terms(Prices(3_000_000, 300_000, 3_750_000, 6_000_000), 1024)
