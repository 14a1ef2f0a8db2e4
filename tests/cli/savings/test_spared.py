"""What caches saved. The judge is the invoice: the same day, with the cache and without it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from pointsman.chat import Usage
from pointsman.cli.savings.spared import CAPABILITIES, Capability, Prices, Spared, joined, spared
from pointsman.config import load_settings
from pointsman.costs import PER_USD, PicoUsd, Pricer, parse_usd
from pointsman.costs.prompt_cache import uncached
from pointsman.gateway.auto.baselines import identify_with, read_models
from pointsman.ledger import Entry
from pointsman.simulator import Config
from tests.cli.savings.test_sum import summed
from tests.support.gateway import CHAT, MESSAGES, ask
from tests.support.ledger_entries import an_attempt, an_entry
from tests.support.stack import Stack, running_stack, settings

SETTINGS = load_settings({}, {})
MODELS = read_models(SETTINGS)
PRICES = Prices(MODELS.catalog, identify_with(SETTINGS, MODELS.catalog))
HAIKU: dict[str, object] = {"model": "claude-haiku-4-5", "cost": 1}
"""$1 for a million tokens of input, $1.25 to write them for five minutes, $0.1 to read them."""


PRICES_OF_GEMINI = PER_USD * 135 // 100
"""Of a million tokens that are read: $1.5 as fresh input, $0.15 from the cache."""


def again(request_id: str = "req_2", **changes: object) -> Entry:
    """It was given the answer of another."""
    given: dict[str, object] = {"provider": "cache", "attempts": (), "cost": 0, "usage": Usage()}
    return an_entry(request_id, **(given | changes))


def a_call(usage: Usage | None, **changes: object) -> Entry:
    return an_entry(attempts=(an_attempt(**(HAIKU | {"usage": usage} | changes)),))


@pytest.mark.parametrize(
    ("entry", "found"),
    [
        pytest.param(again(cache="hit", saved=5), [("hits", 5, 1)], id="hit"),
        pytest.param(
            an_entry(requested="embed:auto", cost=4, attempts=()), [("similar", -4, 0)], id="vectors"
        ),
        pytest.param(again(cache="similar", saved=None), [("similar", None, 1)], id="similar"),
        pytest.param(again(cache="coalesced", saved=3), [("shared", 3, 1)], id="shared"),
        pytest.param(
            again(cache="coalesced", outcome="error", saved=0), [("shared", 0, 0)], id="shared error"
        ),
        pytest.param(again(cache="replay", saved=3), [("replays", 3, 1)], id="replay"),
        pytest.param(an_entry(cache="miss", saved=3, attempts=()), [("shared", 3, 0)], id="split"),
        pytest.param(a_call(Usage(input=9, output=9)), [], id="no prompt cache"),
        pytest.param(a_call(None), [], id="usage unknown"),
        pytest.param(
            a_call(Usage(cache_write_5m=1_000_000), breakpoints=2),
            [("autopilot", -PER_USD // 4, 1)],
            id="written",
        ),
        pytest.param(a_call(Usage(cache_read=1_000_000)), [("own marks", PER_USD * 9 // 10, 1)], id="read"),
        pytest.param(
            a_call(Usage(cache_read=1_000_000), model="gemini-3.5-flash"),
            [("unasked", PRICES_OF_GEMINI, 1)],
            id="unasked",
        ),
        pytest.param(
            a_call(Usage(cache_read=1_000_000), cost=None), [("own marks", None, 1)], id="cost unknown"
        ),
        pytest.param(
            a_call(Usage(cache_read=1), model="nobody-knows"), [("own marks", None, 1)], id="no price"
        ),
    ],
)
def test_what_a_request_was_spared(entry: Entry, found: list[tuple[str, PicoUsd | None, int]]) -> None:
    assert list(spared(entry, PRICES)) == found


def test_sums_are_in_order_and_say_what_is_not_known() -> None:
    rows: list[dict[Capability, Spared]] = [
        {"shared": Spared(1, 2, 0)},
        {"hits": Spared(2, 5, 1)},
        {"shared": Spared(1, 1, 1)},
    ]
    sums = joined(rows)
    assert list(sums) == ["hits", "shared"] and sums["shared"] == Spared(2, 3, 1)
    assert [name for name in CAPABILITIES if name in sums] == list(sums)


# -- against the invoice

# the simulator answers a question alike each time, but not alike whole and streamed
DAY: Sequence[tuple[str, dict[str, Any]]] = [
    (path, ask(model, f"Question {number % 4}", temperature=0, max_tokens=300, stream=bool(number % 2)))
    for number in range(12)
    for path, model in ((CHAT, "gpt-5.4-mini"), (MESSAGES, "claude-haiku-4-5"))
]


async def billed(stack: Stack) -> PicoUsd:
    """By the simulated providers."""
    return sum(parse_usd(line["usd"]) for line in (await stack.invoice())["calls"])


async def a_day(**tables: Any) -> tuple[list[Entry], PicoUsd]:
    """The entries of the ledger, and what the providers bill."""
    async with running_stack(given=settings(**tables)) as stack:
        for path, body in DAY:
            status, _, _ = await stack.post(path, body)
            assert status == 200
        await stack.ledger.flush()
        return list(stack.ledger.entries), await billed(stack)


async def test_what_hits_saved_is_the_difference_of_the_invoices() -> None:
    (_, without), (entries, paid) = await asyncio.gather(a_day(), a_day(cache={"enabled": True}))
    found = summed(*entries)
    assert paid < without
    assert found.capabilities["hits"] == Spared(len(DAY) - 8, without - paid, 0)
    assert sum(entry.cost or 0 for entry in entries) == paid


async def test_a_hit_of_a_routed_answer_saves_what_that_had_cost_and_no_more() -> None:
    auto = {"default": {"pool": ["gpt-5.4-nano", "gpt-5.4-mini"], "policy": "cheapest"}}
    body = ask("auto", "Why is the sky blue?", temperature=0, max_tokens=200)

    async def asked(**tables: Any) -> tuple[list[Entry], PicoUsd]:
        async with running_stack(given=settings(auto=auto, **tables)) as stack:
            for _ in range(3):
                assert (await stack.post(CHAT, body))[0] == 200
            await stack.ledger.flush()
            return list(stack.ledger.entries), await billed(stack)

    (_, without), (entries, paid) = await asyncio.gather(asked(), asked(cache={"enabled": True}))
    found = summed(*entries, against="gpt-5.4-mini")
    assert found.capabilities["hits"].saved == without - paid == 2 * paid
    assert found.total.requests == 1 and found.total.cost == paid, "routing is counted where it was asked"


def test_vectors_are_paid_by_the_route_whose_questions_they_compare() -> None:
    found = summed(
        again("1", requested="auto", cache="similar", saved=9),
        an_entry("2", requested="embed:auto", cost=2, attempts=()),
        an_entry("3", requested="embed:gpt-6-sol", cost=1, attempts=()),
    )
    assert found.capabilities["similar"] == Spared(1, 6, 0)
    rows = {group["route"]: parts["similar"].saved for group, parts, _ in found.spared_rows}
    assert rows == {"default": 7, "(named)": -1} and found.not_routed == 0


async def test_a_crowd_that_shares_a_call_saves_all_but_one_price_whoever_pays() -> None:
    body = ask("gpt-5.4-mini", "Why is the sky blue?", temperature=0, max_tokens=300, stream=True)

    async def crowd(**tables: Any) -> tuple[list[Entry], PicoUsd]:
        async with running_stack(Config(pace="real", speed=20), given=settings(**tables)) as stack:
            await asyncio.gather(*(stack.post(CHAT, body) for _ in range(5)))
            await stack.ledger.flush()
            return list(stack.ledger.entries), await billed(stack)

    worlds = [crowd(), *(crowd(cache={"enabled": True, "charge": charge}) for charge in ("first", "split"))]
    (_, without), *shared = await asyncio.gather(*worlds)
    for entries, paid in shared:
        found = summed(*entries)
        spared = found.capabilities
        assert without - paid == 4 * paid == sum(part.saved for part in spared.values())
        assert spared["shared"].count + spared.get("hits", Spared()).count == 4
        assert sum(entry.cost or 0 for entry in entries) == paid


async def test_what_the_autopilot_earns_is_the_difference_of_the_invoices() -> None:
    log = "The rules of this program. " + "One line of a long log, as programs write them. " * 500

    async def conversation(**tables: Any) -> tuple[list[Entry], PicoUsd]:
        turns: list[dict[str, str]] = []
        async with running_stack(given=settings(**tables)) as stack:
            for number in range(5):
                turns.append({"role": "user", "content": f"Run {number}. " + log[:900]})
                body = {"model": "claude-sonnet-5-5", "max_tokens": 8, "system": log, "messages": turns}
                assert (await stack.post(MESSAGES, body))[0] == 200
                turns.append({"role": "assistant", "content": f"I change line {number}."})
            await stack.ledger.flush()
            return list(stack.ledger.entries), await billed(stack)

    worlds = (conversation(), conversation(prompt_cache={"enabled": True}))
    (plain, without), (entries, paid) = await asyncio.gather(*worlds)
    found = summed(*entries).capabilities
    assert found["autopilot"].saved == without - paid > without // 3
    assert found["autopilot"].unknown == 0 and list(found) == ["autopilot"]
    assert summed(*plain).capabilities == {}


def test_a_prompt_cache_saves_the_price_of_fresh_tokens() -> None:
    usage = Usage(input=100, output=50, cache_read=4000, cache_write_5m=400)
    model = MODELS.catalog.resolve("claude-haiku-4-5")
    assert model is not None
    pricer, entry = Pricer(model), a_call(usage, breakpoints=3)
    (part,) = spared(entry, PRICES)
    assert part == (
        "autopilot",
        pricer.price(uncached(usage), entry.at_us) - pricer.price(usage, entry.at_us),
        1,
    )
