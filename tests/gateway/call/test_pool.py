from __future__ import annotations

from datetime import date
from typing import Any

import msgspec
import pytest

from pointsman.catalog import Capabilities, Catalog
from pointsman.config import AutoRoute, AutoSettings, RoutePolicy
from pointsman.config.routes import Stage as StagePolicy
from pointsman.dialects.openai_chat import OPENAI_CHAT
from pointsman.errors import ModelNotFound
from pointsman.gateway.call.planner import Planner
from pointsman.gateway.call.pool import Pool, Wanted, stages_of
from pointsman.providers import Provider
from pointsman.routing.sample import read_body
from tests.support.arrivals import an_arrival
from tests.support.models import a_model

DAY = date(2026, 11, 23)
ACME = Provider(name="acme", dialect="openai_chat", base_url="http://acme", auth="none", api_key=None)
BIG = {"context_window": 10_000, "max_output": 1000}
MODELS = [
    a_model("small"),
    a_model("blind", capabilities=Capabilities(vision=False, tools=False, json_schema=False), **BIG),
    a_model("old", retires=DAY, **BIG),
    a_model("large", **BIG),
]


def pool(*names: str, routes: dict[str, RoutePolicy] | None = None) -> Pool:
    planner = Planner(Catalog(MODELS), (ACME,), routes=routes)
    return Pool(AutoRoute("x", names, names, (), AutoSettings(pool=names)), planner, DAY)


def wanted(text: Any = "Hello", **others: Any) -> Wanted:
    body = msgspec.json.encode({"model": "auto", "messages": [{"role": "user", "content": text}]} | others)
    return Wanted(an_arrival(body=body, face=OPENAI_CHAT), OPENAI_CHAT.peek(body), read_body(body))


PICTURE = [{"type": "image_url", "image_url": {"url": "data:image/png;base64," + "A" * 30_000}}]
TOOL = {"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}


@pytest.mark.parametrize(
    ("request_", "able"),
    [
        (wanted(), "small blind large"),
        (wanted(max_tokens=101), "blind large"),
        (wanted(max_tokens=1001), ""),
        (wanted("word " * 1000), "blind large"),
        (wanted("word " * 10_000), ""),
        (wanted(PICTURE), "large"),
        (wanted(tools=[TOOL]), "small large"),
        (wanted(response_format={"type": "json_schema", "json_schema": {"name": "x"}}), "small large"),
        (wanted(response_format={"type": "text"}), "small blind large"),
    ],
)
def test_who_can_do_a_request(request_: Wanted, able: str) -> None:
    names = ("small", "blind", "old", "large")
    found = pool(*names).able(request_)
    assert " ".join(name for name, can in zip(names, found, strict=True) if can) == able


def test_a_model_that_has_retired_is_asked_as_the_baseline_alone() -> None:
    assert pool("small", "old").able(wanted()) == (True, True)
    assert pool("old", "small").able(wanted()) == (False, True)


def way(of: Pool, position: int, able: tuple[bool, ...]) -> list[list[str]]:
    return [[route.name for route in stage.routes] for stage in stages_of(of.way(position, able))]


def test_the_way_on_from_each_is_to_the_strongest_first() -> None:
    of = pool("small", "blind", "large")
    yes = (True, True, True)
    assert way(of, 0, yes) == [["small"], ["large"], ["blind"]]
    assert way(of, 1, yes) == [["blind"], ["large"], ["small"]]
    assert way(of, 2, yes) == [["large"], ["blind"], ["small"]]
    assert way(of, 0, (True, False, True)) == [["small"], ["large"]]
    assert of.way(0, yes) is of.way(0, yes)


def test_routes_bring_their_own_stages_and_nobody_is_asked_twice() -> None:
    policy = RoutePolicy(
        "duo", (StagePolicy(("small", "blind"), (3, 1)), StagePolicy(("large",), (1,))), hedge=True
    )
    of = pool("duo", "large", routes={"duo": policy})
    assert way(of, 0, (True, True)) == [["small", "blind"], ["large"]]
    assert way(of, 1, (True, True)) == [["large"], ["small", "blind"]]
    assert (of.way(0, (True, True)).hedge, of.way(1, (True, True)).hedge) == (True, False)
    blind = next(route for stage in stages_of(of.way(0, (True, True))) for route in stage.routes[1:])
    assert of.position_of(blind) == 0


def test_what_is_not_served_is_passed_by() -> None:
    of = pool("acme/free", "nobody/x", "large")
    assert of.able(wanted()) == (True, False, True)
    assert way(of, 2, (True, False, True)) == [["large"], ["free"]]
    with pytest.raises(ModelNotFound):
        pool("nobody/x", "nobody/y")
