from __future__ import annotations

import msgspec
import pytest

from pointsman.gateway.auto.drift_watch import DriftWatch
from pointsman.gateway.auto.routing_metrics import RoutingMetrics
from pointsman.routing.decision import Decision
from pointsman.routing.evidence import Certificate
from pointsman.routing.judgement import Judgement
from tests.support.decisions import a_decision
from tests.support.routing_certificates import certificate


class Certificates:
    def __init__(self, given: Certificate | None) -> None:
        self.given = given
        self.why: list[str] = []

    def certificate(self, route: str) -> Certificate | None:
        return self.given if route == "default" else None

    def withdraw(self, route: str, why: str) -> bool:
        self.given, known = None, self.given is not None
        self.why.append(why)
        return known


def decision(loss: float = 0.9, familiarity: float = 0.01, **fields: object) -> Decision:
    judged = Judgement((1 - loss, 1.0), (loss, 0.0), familiarity)
    given = {"policy": "learned", "judgement": judged, "models": ("haiku", "opus")}
    return a_decision(**(given | fields))


def watched(given: Certificate | None) -> tuple[Certificates, RoutingMetrics, DriftWatch]:
    certificates, metrics = Certificates(given), RoutingMetrics()
    return certificates, metrics, DriftWatch(certificates, metrics)


def test_traffic_that_has_changed_ends_the_certificate_once() -> None:
    certificates, metrics, watch = watched(certificate())
    for _ in range(500):
        watch.decided(decision())
    assert metrics.alarms == {"default": 1}
    (why,) = certificates.why
    assert why.startswith("Prompts are not what they were")


def test_labels_that_do_not_keep_the_floor_end_it_too() -> None:
    certificates, metrics, watch = watched(certificate())
    for _ in range(200):
        watch.graded(decision(loss=0.05), {"haiku": 0.5, "opus": 1.0})
    assert metrics.alarms == {"default": 1}
    assert certificates.why[0].startswith("The floor of 98.0% is no longer kept")


def test_traffic_as_it_was_raises_no_alarm() -> None:
    _, metrics, watch = watched(certificate())
    for number in range(2000):
        at = number * 7919 % 1000 / 1000
        watch.decided(decision(at, at))
        watch.graded(decision(at, at), {"haiku": 0.0 if at >= 0.1 else 1.0, "opus": 1.0})
    assert metrics.alarms == {}


def test_only_judged_requests_of_learned_routes_with_a_certificate_count() -> None:
    certificates, _, watch = watched(certificate())
    for _ in range(500):
        watch.decided(decision(policy="cascade"))
        watch.decided(decision(judgement=None))
        watch.decided(decision(route="other"))
        watch.graded(decision(judgement=None), {"haiku": 0.0, "opus": 1.0})
        watch.graded(decision(loss=0.05, models=("haiku", "x", "opus")), {"haiku": 0.0, "opus": 1.0})
        watch.graded(decision(loss=0.05), {"opus": 1.0})
    assert certificates.why == []
    _, metrics, watch = watched(None)
    watch.decided(decision())
    watch.graded(decision(), {"haiku": 0.0, "opus": 1.0})
    assert metrics.alarms == {}


def test_labels_of_a_whole_cascade_count_by_its_digest() -> None:
    certificates, metrics, watch = watched(certificate(router="cascade_1", pool=("cascade", "opus")))
    asked = decision(policy="cascade", judgement=None)
    for _ in range(200):
        watch.graded(asked, {"haiku": 0.0, "cascade_1": 1.0, "opus": 1.0})
        watch.graded(asked, {"haiku": 0.0, "cascade_2": 0.0, "opus": 1.0})
    assert metrics.alarms == {}
    for _ in range(200):
        watch.graded(asked, {"haiku": 1.0, "cascade_1": 0.5, "opus": 1.0})
    assert metrics.alarms == {"default": 1}
    assert certificates.why[0].startswith("The floor of 98.0% is no longer kept")


def observations_until_alarm(watch: DriftWatch, metrics: RoutingMetrics) -> int:
    for number in range(1, 500):
        watch.decided(decision())
        if metrics.alarms:
            return number
    raise AssertionError("no alarm")


def test_after_a_restart_it_goes_on() -> None:
    _, metrics, watch = watched(certificate())
    whole = observations_until_alarm(watch, metrics)
    assert watch.states() == {}, "withdrawn"
    certificates, _, before = watched(certificate())
    for _ in range(whole - 3):
        before.decided(decision())
    kept = {known: msgspec.json.encode(state) for known, state in before.states().items()}
    assert list(kept) == [certificate().id]
    metrics = RoutingMetrics()
    assert observations_until_alarm(DriftWatch(certificates, metrics, kept), metrics) == 3


@pytest.mark.parametrize("kept", [b"", b"{", b'{"certificate": null}'])
def test_what_cannot_be_read_begins_anew(kept: bytes) -> None:
    certificates, metrics, _ = watched(certificate())
    watch = DriftWatch(certificates, metrics, {certificate().id: kept})
    assert observations_until_alarm(watch, metrics) > 3


def test_a_certificate_that_is_put_in_service_again_is_watched_from_the_start() -> None:
    certificates, metrics, watch = watched(certificate())
    observations_until_alarm(watch, metrics)
    certificates.given = certificate()
    watch.decided(decision())
    assert metrics.alarms == {"default": 1}
    assert [state.seen for state in watch.states().values()] == [1]


def test_a_new_certificate_is_watched_from_the_start() -> None:
    certificates, metrics, watch = watched(certificate())
    for _ in range(500):
        watch.decided(decision())
    certificates.given = certificate(labels=2000)
    watch.decided(decision())
    assert len(certificates.why) == metrics.alarms["default"] == 1
