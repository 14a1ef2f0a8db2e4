"""What requests take from limits: guessed from the call, and counted from what became of it."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from pointsman.chat import Usage
from pointsman.errors import (
    InvalidRequest,
    PointsmanError,
    UpstreamRateLimited,
    UpstreamTimeout,
    UpstreamUnavailable,
    UpstreamUnreachable,
)
from pointsman.gateway.call.account import AttemptRecord
from pointsman.gateway.call.call import Call
from pointsman.gateway.call.passage import Need, Passage
from pointsman.gateway.call.values import Plan
from pointsman.gateway.flow.demands import SAMPLE, Demands
from pointsman.limits import NOTHING, Amounts, Limit, Reservation, Scope, Way, make_limit
from pointsman.limits.values.limit import OUTPUT, UPSTREAM_TOTAL
from pointsman.resilience import Health
from tests.support.arrivals import an_arrival
from tests.support.gateway import a_route, ask

TPM = make_limit(Scope("deployment", "acme/m"), "tpm", 100_000)
ESTIMATE: Amounts = (1, 50, 20, 70, 50, 150, 1)


def a_call(body: dict[str, Any], defaults: dict[str, Any] | None = None) -> Call:
    call = Call(an_arrival(body))
    call.decide(call.arrival.face.peek(call.arrival.body), Plan(a_route(), defaults or {}))
    return call


def estimate(
    body: dict[str, Any], limits: tuple[Limit, ...] = (TPM,), defaults: dict[str, Any] | None = None
) -> tuple[Amounts, Need]:
    return Demands().estimate(a_call(body, defaults), "acme/m", limits)


def test_a_provider_that_counts_the_stated_bound_is_reserved_that() -> None:
    amounts, need = estimate(ask("m", max_tokens=4_000))
    assert amounts[UPSTREAM_TOTAL] >= 4_000 > amounts[OUTPUT]
    assert (need.most, need.media, need.size) == (
        4_000,
        False,
        len(an_arrival(ask("m", max_tokens=4_000)).body),
    )


def test_a_presets_bound_is_stated_too() -> None:
    bare = {"model": "m", "messages": [{"role": "user", "content": "Why?"}]}
    assert estimate(bare, defaults={"max_output": 77})[1].most == 77
    assert estimate(bare)[1].most is None


def test_a_picture_is_not_measured_by_its_bytes() -> None:
    url = "data:image/png;base64," + "A" * 200_000
    picture = {"type": "image_url", "image_url": {"url": url}}
    body = ask("m") | {"messages": [{"role": "user", "content": [picture]}]}
    amounts, need = estimate(body)
    assert need.media
    assert amounts[1] < 5_000 < len(url) // 4


def test_what_the_hub_cannot_read_is_measured_by_its_bytes() -> None:
    odd = {"model": "m", "max_tokens": 5, "messages": [{"role": "nobody", "content": 'x "image" ' * 500}]}
    assert estimate(odd)[0][1] >= 2_500


def test_without_limits_hardly_anything_is_worked_out() -> None:
    amounts, need = estimate(ask("m"), ())
    assert (amounts[0], amounts[OUTPUT], amounts[6], need.media) == (1, 0, 1, False)


def a_passage(limits: tuple[Limit, ...] = (TPM,)) -> Passage:
    watch = Health().deployment("acme/m", "acme", 1.0).begin(1.0)
    need = Need(size=400, most=100, media=False)
    return Passage(Way(limits, 0, "acme/m"), ESTIMATE, need, Reservation(limits, ESTIMATE, 1), watch)


def a_record(outcome: str, usage: Usage | None, status: int = 200) -> AttemptRecord:
    record = AttemptRecord(1, a_route(), 1.0, b"{}")
    record.outcome, record.usage, record.status = outcome, usage, status
    return record


TAKEN: list[tuple[AttemptRecord, PointsmanError | None, Amounts]] = [
    (a_record("ok", Usage(input=30, output=8)), None, (1, 30, 8, 38, 30, 130, 0)),
    (a_record("cut", Usage(input=30, output=8)), None, (1, 30, 8, 38, 30, 130, 0)),
    (a_record("ok", None), None, (1, 50, 0, 50, 50, 150, 0)),
    (a_record("error", Usage(), 429), UpstreamRateLimited("429"), (1, 0, 0, 0, 0, 0, 0)),
    (a_record("error", Usage(), 400), InvalidRequest("400"), (1, 0, 0, 0, 0, 0, 0)),
    (a_record("error", Usage(), 503), UpstreamUnavailable("503"), (1, 50, 0, 50, 50, 150, 0)),
    (
        a_record("error", Usage(input=9, output=4096), 0),
        UpstreamTimeout("silent"),
        (1, 50, 0, 50, 50, 150, 0),
    ),
    (a_record("error", Usage(), 0), UpstreamUnreachable("no way", sent=False), NOTHING),
]


@pytest.mark.parametrize(("record", "error", "taken"), TAKEN)
def test_what_an_attempt_took(record: AttemptRecord, error: PointsmanError | None, taken: Amounts) -> None:
    assert Demands().used(record, a_passage(), error) == taken


def test_what_a_request_took_from_its_key() -> None:
    demands = Demands()
    assert demands.used_of_key(ESTIMATE, Usage(input=3, output=2), 2) == (1, 3, 2, 5, 3, 5, 0)
    assert demands.used_of_key(ESTIMATE, None, 1) == (*ESTIMATE[:6], 0), "unknown is not nothing"
    assert demands.used_of_key(ESTIMATE, Usage(), 0) == NOTHING, "it was never sent"


def learned(demands: Demands) -> int:
    call = a_call({"model": "m", "messages": [{"role": "user", "content": "Why?"}]})
    return demands.estimate(call, "acme/m", (TPM,))[0][OUTPUT]


def test_answers_teach_how_long_answers_are() -> None:
    demands = Demands()
    before = learned(demands)
    for _ in range(50):
        demands.learn(a_record("ok", Usage(input=100, output=9)), a_passage(), "")
    assert learned(demands) < 20 < before


def test_estimates_and_unlimited_calls_teach_little_or_nothing() -> None:
    demands = Demands()
    before = learned(demands)
    guessed = msgspec.structs.replace(a_record("ok", Usage(input=1, output=1)), estimated=True)
    for _ in range(99):
        demands.learn(guessed, a_passage(), "")
        demands.learn(a_record("ok", None), a_passage(), "")
    for _ in range(SAMPLE * 5):
        demands.learn(a_record("ok", Usage(input=1, output=1)), a_passage(()), "")
    assert learned(demands) == before, "five are too few to go by"
