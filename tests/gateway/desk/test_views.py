"""What can be read of models and requests, judged by the official SDKs' own types."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

import anthropic.types
import openai.types
import pytest

from pointsman.catalog import Model
from pointsman.chat import Usage
from pointsman.gateway.desk.views import (
    anthropic_model,
    anthropic_models,
    openai_model,
    openai_models,
    request_view,
)
from tests.support.entries import make_attempt, make_entry
from tests.support.models import a_model

MODELS: list[Model] = [a_model(f"m{number}") for number in range(5)]
ENDING = a_model("ending", retires=date(2026, 12, 1), status="deprecated", max_input=900, max_output=None)


def test_openai_reads_our_list() -> None:
    listed = json.loads(openai_models([*MODELS, ENDING]))
    assert (listed["object"], len(listed["data"])) == ("list", 6)
    for shape in listed["data"]:
        model = openai.types.Model.model_validate(shape, strict=True)
        assert (model.object, model.owned_by) == ("model", "acme")
    assert listed["data"][5]["shutdown_date"] == "2026-12-01"
    assert "shutdown_date" not in openai_model(MODELS[0])


def test_anthropic_reads_our_model() -> None:
    shape = anthropic_model(ENDING)
    model = anthropic.types.ModelInfo.model_validate(shape)
    assert (model.id, model.type, model.created_at.year) == ("ending", "model", 1970)
    assert (model.lifecycle, model.retires_at) == ("deprecated", datetime(2026, 12, 1, tzinfo=UTC))
    legacy = anthropic.types.ModelInfo.model_validate(anthropic_model(a_model(status="legacy")))
    assert (legacy.lifecycle, legacy.retires_at) == ("active", None)
    assert (shape["max_input_tokens"], shape["max_tokens"]) == (900, None), "not known is null, not 0"
    assert anthropic_model(MODELS[0])["max_input_tokens"] == 1000


PAGES: list[tuple[dict[str, Any], list[str], bool]] = [
    ({}, ["m0", "m1"], True),
    ({"after": "m1"}, ["m2", "m3"], True),
    ({"after": "m3"}, ["m4"], False),
    ({"after": "m4"}, [], False),
    ({"before": "m2"}, ["m0", "m1"], False),
    ({"before": "m4"}, ["m2", "m3"], True),
    ({"before": "m0"}, [], False),
    ({"after": "nobody"}, ["m0", "m1"], True),
    ({"limit": 5}, ["m0", "m1", "m2", "m3", "m4"], False),
]


@pytest.mark.parametrize(("asked", "ids", "more"), PAGES)
def test_anthropics_list_comes_in_pages(asked: dict[str, Any], ids: list[str], more: bool) -> None:
    cut: dict[str, Any] = {"after": "", "before": "", "limit": 2} | asked
    page = json.loads(anthropic_models(MODELS, **cut))
    assert [model["id"] for model in page["data"]] == ids
    assert page["has_more"] is more
    assert (page["first_id"], page["last_id"]) == ((ids[0], ids[-1]) if ids else (None, None))


def test_a_request_with_everything_known() -> None:
    usage = Usage(
        input=10, output=5, cache_read=3, cache_write_5m=1, cache_write_1h=1, reasoning=2, tier="flex"
    )
    view = request_view(make_entry(usage=usage, key_id="k", key_name="n", tenant="t"))
    assert view["usage"] == {
        "input_tokens": 10,
        "output_tokens": 5,
        "cache_read_tokens": 3,
        "cache_write_tokens": 2,
        "reasoning_tokens": 2,
        "prompt_tokens": 15,
        "total_tokens": 20,
        "tier": "flex",
    }
    assert (view["id"], view["created_at"]) == ("req_1", "2026-11-18T11:06:40.000+00:00")
    assert view["queued_ms"] == 1.5
    assert (view["cost_usd"], view["ttft_ms"], view["latency_ms"]) == ("0.000035", 100.0, 120.0)
    assert view["key"] == {"name": "n", "tenant": "t"}
    (attempt,) = view["attempts"]
    assert (attempt["cost_usd"], attempt["upstream_id"], attempt["status"]) == ("0.000035", "msg_1", 200)


def test_whose_answer_a_request_was_given() -> None:
    named = {"provider": "cache", "cache": "hit", "source": "req_0", "cost": 0, "attempts": ()}
    view = request_view(make_entry(**named, saved=35_000_000))
    assert (view["cache"], view["source"], view["saved_usd"]) == ("hit", "req_0", "0.000035")
    assert request_view(make_entry(**named, saved=None))["saved_usd"] is None
    view = request_view(make_entry(cache="bypass", attempts=(make_attempt(breakpoints=3),)))
    assert (view["cache"], view["source"], view["saved_usd"]) == ("bypass", None, None)
    assert [attempt["breakpoints"] for attempt in view["attempts"]] == [3]


def test_what_is_not_known_is_null() -> None:
    silent = make_attempt(status=0, usage=None, cost=None, upstream_id="", error="upstream_timeout")
    entry = make_entry(usage=None, cost=None, ttft_us=None, model="", provider="", attempts=(silent,))
    view = request_view(entry)
    names = ("usage", "cost_usd", "ttft_ms", "model", "provider", "error", "key")
    assert {name: view[name] for name in names} == dict.fromkeys(names)
    (attempt,) = view["attempts"]
    assert {attempt[name] for name in ("status", "usage", "cost_usd", "upstream_id")} == {None}
    assert attempt["error"] == "upstream_timeout"
    json.dumps(view)
