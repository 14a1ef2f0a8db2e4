from __future__ import annotations

from typing import Any

import msgspec
import pytest

from pointsman.catalog import load_catalog
from pointsman.chat import Usage
from pointsman.gateway.desk.routing_view import answer_usage, routing_view
from pointsman.routing.explaining import Contribution
from pointsman.routing.judgement import Judgement
from tests.support.decisions import a_decision
from tests.support.ledger_entries import an_attempt, an_entry
from tests.support.routed import LARGE, SMALL, a_routed
from tests.support.routers import in_service
from tests.support.stack import settings
from tests.support.virtual_stack import virtual_stack
from tests.support.virtual_time import run_virtual

CATALOG = load_catalog()
MODELS = [CATALOG.resolve(SMALL), CATALOG.resolve(LARGE)]


def a_view(**changes: Any) -> dict[str, Any]:
    given: dict[str, Any] = {
        "models": (SMALL, LARGE),
        "position": 0,
        "policy": "learned",
        "reason": "certified",
        "judgement": Judgement((0.9, 0.95), (0.02, 0.0), 0.7),
        "threshold": 0.05,
        "costs": (10**9, None),
    }
    return routing_view(
        a_decision(**(given | changes)), a_routed("r", SMALL), MODELS, [Contribution("code", -0.25)]
    )


def test_every_alternative_with_what_was_expected_and_what_it_would_have_cost() -> None:
    view = a_view()
    assert (view["model"], view["baseline"], view["reason"]) == (SMALL, LARGE, "certified")
    assert view["explanation"].startswith("the cheapest model whose expected loss")
    assert view["models"] == [
        {
            "model": SMALL,
            "probability": 0.9,
            "expected_loss": 0.02,
            "expected_cost_usd": "0.001",
            "would_have_cost_usd": "0.0015",
        },
        {
            "model": LARGE,
            "probability": 0.95,
            "expected_loss": 0.0,
            "expected_cost_usd": None,
            "would_have_cost_usd": "0.006",
        },
    ]
    assert view["contributions"] == [{"name": "code", "weight": -0.25}]


def test_what_is_not_known_is_null() -> None:
    decision = a_decision(models=("team/x", LARGE))
    view = routing_view(decision, None, [None, MODELS[1]], None)
    assert [model["would_have_cost_usd"] for model in view["models"]] == [None, None]
    assert view["familiarity"] is view["threshold"] is view["contributions"] is view["certificate"] is None


def test_only_the_answer_itself_counts() -> None:
    answer = Usage(input=10, output=5)
    first = an_attempt(number=1, model=SMALL, outcome="error", usage=Usage(input=99))
    second = an_attempt(number=2, model=LARGE, outcome="ok", usage=answer)
    entry = an_entry("r", model=LARGE, attempts=(first, second), usage=Usage(input=109, output=5))
    assert answer_usage(entry) == answer
    assert answer_usage(msgspec.structs.replace(entry, attempts=(first,))) == entry.usage


@pytest.mark.parametrize("text", ["An easy one", "A hard one"])
def test_a_request_tells_how_it_was_routed(text: str) -> None:
    async def work() -> None:
        pool = ("claude-haiku-4-5", "claude-sonnet-4-5")
        given = settings(auto={"default": {"pool": list(pool)}})
        async with virtual_stack(given=given, routers=in_service(pool)) as stack:
            body = {"model": "auto", "max_tokens": 20, "messages": [{"role": "user", "content": text}]}
            call = await stack.post("/v1/chat/completions", body)
            ident = call.headers["x-request-id"]
            seen = (await stack.call(f"/v1/requests/{ident}", method="GET").run()).json()
            routing = seen["routing"]
            assert routing["model"] == seen["model"]
            assert routing["reason"] == ("uncertain" if "hard" in text else "certified")
            assert routing["contributions"][0]["name"] == text
            costs = {model["model"]: model["would_have_cost_usd"] for model in routing["models"]}
            assert costs[seen["model"]] == seen["cost_usd"]
            plain = await stack.post("/v1/chat/completions", body | {"model": pool[0]})
            ident = plain.headers["x-request-id"]
            seen = (await stack.call(f"/v1/requests/{ident}", method="GET").run()).json()
            assert seen["routing"] is None

    run_virtual(work)
