"""What ``pointsman savings`` says, against the providers' own invoice: through the whole gateway."""

from __future__ import annotations

from typing import Any

from pointsman.admin.prometheus import exposition
from pointsman.cli.savings.sum import Learned, Savings, learned_from
from pointsman.config import load_settings
from pointsman.costs import parse_usd
from pointsman.costs.tally import Tally
from pointsman.gateway.auto.baselines import identify_with, read_models
from pointsman.simulator import Config
from tests.support.shadowed import CHAT, HAIKU, MESSAGES, OPUS, ShadowedStack, route, shadowed_stack
from tests.support.virtual_time import run_virtual

PROMPTS = [
    "What is a lock?",
    "Design a payment system.",
    "List the colours.",
    "Prove the theorem of Euclid.",
] * 5
ANY = {"kind": "regex", "pattern": "."}
AUTO: dict[str, Any] = {"pool": [HAIKU, OPUS]}


async def ask_all(world: ShadowedStack) -> None:
    for number, prompt in enumerate(PROMPTS):
        path = CHAT if number % 2 else MESSAGES
        call = await world.ask(f"{prompt} {number}", path, stream=number % 3 == 0)
        assert call.status == 200
    await world.settled()


def said(world: ShadowedStack, *, with_labels: bool = True) -> Tally:
    """The total of the report."""
    settings = load_settings({}, {"auto": {"default": AUTO}})
    models = read_models(settings)

    def learn(name: str, baseline: str) -> Learned:
        return learned_from(world.labels.labelled(name) if with_labels else [], baseline)

    found = Savings(("route",), models, identify_with(settings, models.catalog), learn)
    for entry in world.stack.ledger.entries:
        found.take(entry)
    return found.total


def test_what_was_paid_is_what_is_billed_and_the_baseline_what_its_shadows_cost() -> None:
    async def work() -> None:
        async with shadowed_stack(route(policy="keywords", grader=ANY, **AUTO), Config(pace="none")) as world:
            await ask_all(world)
            entries = world.stack.ledger.entries
            bill = sum(parse_usd(line.usd) for line in (await world.stack.bill()).calls)
            of_the_large = sum(entry.cost or 0 for entry in entries if entry.model == OPUS)
            found = said(world)
            assert found.requests == len(PROMPTS) and not found.uncompared
            assert found.cost == sum(entry.cost or 0 for entry in entries) == bill
            assert found.how == {"shadowed": 10, "only the baseline": 10}
            assert found.baseline == of_the_large
            assert found.shadow_calls == len(PROMPTS)

    run_virtual(work)


def test_the_metrics_say_the_same_as_a_report_without_labels() -> None:
    async def work() -> None:
        async with shadowed_stack(route(policy="cheapest", **AUTO), Config(pace="none")) as world:
            await ask_all(world)
            found = said(world, with_labels=False)
            money = world.stack.gateway.metrics.money
            assert money is not None and dict(money.tallies()) == {"default": found}
            assert found.how == {"as it is": len(PROMPTS)}
            assert found.saved < 0 < found.baseline - found.answered  # the shadows cost more than was saved
            assert b"pointsman_route_baseline_usd_total" in exposition(world.stack.gateway.metrics)

    run_virtual(work)


def test_nothing_is_saved_by_a_route_that_always_asks_its_baseline() -> None:
    async def work() -> None:
        given = route({"share": 0.0}, policy="fixed", **AUTO)
        async with shadowed_stack(given, Config(pace="none")) as world:
            await ask_all(world)
            found = said(world)
            assert (found.requests, found.saved, found.bounds) == (len(PROMPTS), 0, (0, 0))

    run_virtual(work)
