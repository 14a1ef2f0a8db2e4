"""Learned routing through the whole journey: a router and a certificate in service, or something amiss."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import Any

import pytest

from pointsman.routing.journal import MemoryJournal, Withdrawn
from pointsman.simulator import Config, parse_faults
from tests.support.routers import RouterShelf, WordJudge, certified, in_service
from tests.support.routing_certificates import certificate
from tests.support.stack import settings
from tests.support.virtual_stack import VirtualStack, virtual_stack
from tests.support.virtual_time import run_virtual

CHAT = "/v1/chat/completions"
MINI, HAIKU, SONNET = POOL = ("gpt-4o-mini", "claude-haiku-4-5", "claude-sonnet-4-5")


async def ask(stack: VirtualStack, text: str, headers: dict[str, str] | None = None) -> tuple[str, str]:
    """The model that answered, and the reason."""
    body = {"model": "auto", "max_tokens": 20, "messages": [{"role": "user", "content": text}]}
    call = await stack.post(CHAT, body, headers)
    assert call.status == 200, call.body
    return call.headers["x-pointsman-model"], call.headers["x-pointsman-route"].rpartition("=")[2]


def given(**auto: Any) -> Any:
    return settings(auto={"default": {"pool": list(POOL)} | auto})


def test_the_cheapest_that_is_certified_for_the_prompt() -> None:
    journal = MemoryJournal()

    async def work() -> None:
        async with virtual_stack(given=given(), routers=in_service(POOL), journal=journal) as stack:
            assert await ask(stack, "An easy one") == (MINI, "certified")
            assert await ask(stack, "A middling one") == (HAIKU, "certified")
            assert await ask(stack, "A hard one") == (SONNET, "uncertain")
            assert await ask(stack, "A strange one") == (SONNET, "unfamiliar")
            assert await ask(stack, "Use the cheapest model: this is a hard one") == (SONNET, "uncertain")

    run_virtual(work)
    first = journal.decided[0].decision
    assert (first.model, first.baseline, first.policy) == (MINI, SONNET, "learned")
    assert first.judgement is not None and first.judgement.losses == (0.01, 0.01, 0.0)
    assert (first.threshold, first.router, first.propensity) == (0.1, "digest", 1.0)
    assert first.certificate.startswith("cert_")
    assert all(cost is not None and cost > 0 for cost in first.costs)
    assert first.features


def test_what_no_shadow_can_grade_no_certificate_speaks_of() -> None:
    async def work() -> None:
        async with virtual_stack(given=given(), routers=in_service(POOL)) as stack:
            tool = {"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}
            body = {"model": "auto", "max_tokens": 20, "tools": [tool]}
            call = await stack.post(CHAT, body | {"messages": [{"role": "user", "content": "An easy one"}]})
            assert call.headers["x-pointsman-model"] == SONNET
            assert call.headers["x-pointsman-route"].endswith("reason=ungraded")

    run_virtual(work)


@pytest.mark.parametrize(
    ("changes", "auto", "reason"),
    [
        ({"router": "another"}, {}, "other_router"),
        ({"expires_at": datetime(2021, 1, 1, tzinfo=UTC)}, {}, "expired"),
        ({"labels": 499}, {}, "few_labels"),
        ({"floor": 0.95}, {}, "other_terms"),
        ({"confidence": 0.9}, {}, "other_terms"),
        ({"pool": (MINI, SONNET), "costs": (1.0, 2.0), "shares": (0.5, 0.5)}, {}, "other_pool"),
        ({}, {"pool": [MINI, "gpt-4.1", SONNET]}, "other_pool"),
        ({}, {"floor": 0.99}, "other_terms"),
        ({}, {"min_labels": 1001}, "few_labels"),
    ],
)
def test_a_certificate_that_does_not_fit_sends_all_to_the_baseline(
    changes: dict[str, Any], auto: dict[str, Any], reason: str
) -> None:
    async def work() -> None:
        async with virtual_stack(given=given(**auto), routers=in_service(POOL, **changes)) as stack:
            assert await ask(stack, "An easy one") == (SONNET, reason)

    run_virtual(work)


@pytest.mark.parametrize(
    ("judge", "shown", "withdrawn", "reason"),
    [
        (False, True, False, "no_router"),
        (True, False, False, "no_certificate"),
        (True, True, True, "withdrawn"),
    ],
)
def test_without_a_right_to_choose(judge: bool, shown: bool, withdrawn: bool, reason: str) -> None:
    journal, shelf = MemoryJournal(), RouterShelf()
    shelf.put(
        WordJudge(POOL) if judge else None,
        certified(POOL) if shown else None,
        withdrawn=Withdrawn(1, "drift") if withdrawn else None,
    )

    async def work() -> None:
        async with virtual_stack(given=given(), routers=shelf, journal=journal) as stack:
            assert await ask(stack, "An easy one") == (SONNET, reason)

    run_virtual(work)
    assert (journal.decided[0].decision.judgement is not None) == judge, "looked at, though it may not choose"


def test_the_order_of_the_routers_models_need_not_be_that_of_the_pool() -> None:
    shelf = RouterShelf()
    shelf.put(WordJudge((HAIKU, MINI, SONNET)), certified((HAIKU, MINI, SONNET)))

    async def work() -> None:
        async with virtual_stack(given=given(), routers=shelf) as stack:
            assert await ask(stack, "An easy one") == (HAIKU, "certified"), "by the certificate's costs"
            assert await ask(stack, "A middling one") == (MINI, "certified")

    run_virtual(work)


def test_what_is_put_in_service_is_seen_and_withdrawn_on_drift(caplog: pytest.LogCaptureFixture) -> None:
    shelf = RouterShelf()

    async def work() -> None:
        async with virtual_stack(given=given(), routers=shelf) as stack:
            services = stack.gateway.routing.services
            assert await ask(stack, "An easy one") == (SONNET, "no_router")
            shelf.put(WordJudge(POOL), certified(POOL, fingerprint=certificate().fingerprint))
            assert services.reload() and not services.reload()
            assert await ask(stack, "An easy one") == (MINI, "certified")
            for number in range(2000):  # all of one kind, where there were all kinds
                answer = await ask(stack, f"An easy one {number}")
                if answer != (MINI, "certified"):
                    break
            assert answer == (SONNET, "withdrawn")
            assert stack.gateway.routing.metrics.alarms["default"] == 1
            assert shelf.withdrawn == []
            services.reload()
            ((ident, why),) = shelf.withdrawn
            assert ident.startswith("cert_") and why.startswith("Prompts are not what they were")

    with caplog.at_level(logging.WARNING, "pointsman.routing"):
        run_virtual(work)
    (record,) = caplog.records
    assert record.message.startswith("[auto.default] goes to its baseline: its certificate is withdrawn")


def test_exploration_stays_within_what_is_certified() -> None:
    journal = MemoryJournal()

    async def work() -> None:
        async with virtual_stack(
            given=given(explore=0.5), routers=in_service(POOL), journal=journal
        ) as stack:
            for number in range(60):
                await ask(stack, f"A middling one {number}")
            for number in range(20):
                assert await ask(stack, f"A hard one {number}") == (SONNET, "uncertain")

    run_virtual(work)
    seen = {(d.decision.model, d.decision.reason, d.decision.propensity) for d in journal.decided[:60]}
    assert seen == {(HAIKU, "certified", 0.5), (SONNET, "explored", 0.5)}


def test_a_failing_cheap_model_hands_over_to_the_baseline() -> None:
    async def work() -> None:
        faults = Config(faults=parse_faults(f"{MINI}/500:1"))
        async with virtual_stack(faults, given=given(), routers=in_service(POOL)) as stack:
            assert await ask(stack, "An easy one") == (SONNET, "certified")

    run_virtual(work)


def test_a_body_that_is_no_prompt_goes_to_the_baseline() -> None:
    async def work() -> None:
        async with virtual_stack(given=given(), routers=in_service(POOL)) as stack:
            body = {"model": "auto", "max_tokens": 5, "messages": [{"role": "user", "content": {"odd": 1}}]}
            call = await stack.post(CHAT, body)
            (entry,) = stack.ledger.entries
            assert call.status == 400 and entry.model == SONNET

    run_virtual(work)
