from __future__ import annotations

from math import inf
from typing import Any

import msgspec
import pytest

from pointsman.caching.rules.policy import (
    CacheRules,
    Decision,
    Directives,
    KeyRules,
    decide,
    not_stored,
    read_cache_control,
    why_not_kept,
)
from pointsman.chat import Part, Refusal, Response, Stop, Text
from pointsman.dialects import DIALECTS
from pointsman.errors import InvalidRequest

RULES = CacheRules(ttl=60.0)
YES = Decision(True, True, 60.0)


def decided(fields: dict[str, Any] | None = None, **given: Any) -> Decision:
    raw = {name: msgspec.Raw(msgspec.json.encode(value)) for name, value in (fields or {}).items()}
    return decide(given.pop("rules", RULES), raw, **given)


@pytest.mark.parametrize(
    ("wish", "set_to", "pace"),
    [
        (None, 0.0, 0.0),
        (None, 20.0, 20.0),
        (b"exact", 20.0, 20.0),
        (b"pace=50", 0.0, 50.0),
        (b"exact, PACE=50", 20.0, 50.0),
        (b"pace=50, pace=30", 0.0, 30.0),
        (b"pace=0", 20.0, 0.0),
        (b", pace = 999999,", 20.0, 999_999.0),
    ],
)
def test_how_fast_a_stream_is_told_again(wish: bytes | None, set_to: float, pace: float) -> None:
    assert decided({"temperature": 0}, rules=CacheRules(pace=set_to), wish=wish).pace == pace


@pytest.mark.parametrize(
    ("fields", "given", "why"),
    [
        ({"temperature": 0}, {}, ""),
        ({"temperature": 0.0}, {}, ""),
        ({"temperature": 0.7}, {}, "sampled"),
        ({"temperature": "hot"}, {}, "sampled"),
        ({"temperature": None}, {}, "sampled"),
        ({}, {}, "sampled"),
        ({"top_k": 1}, {}, ""),
        ({"top_k": 2}, {}, "sampled"),
        ({}, {"defaults": {"temperature": 0}}, ""),
        ({}, {"defaults": {"temperature": 0.2}}, "sampled"),
        ({"temperature": None}, {"defaults": {"temperature": 0}}, "sampled"),
        ({"temperature": 1}, {"defaults": {"temperature": 0}}, "sampled"),
        ({}, {"rules": CacheRules(sampled=True, ttl=60.0)}, ""),
        ({}, {"wish": b" Sampled "}, ""),
        ({"temperature": 0}, {"wish": b"Bypass"}, "declined"),
        ({"temperature": 0}, {"wish": b"sampled, off"}, "declined"),
        ({}, {"key": KeyRules(sampled=True)}, ""),
        ({}, {"rules": CacheRules(sampled=True), "key": KeyRules(sampled=False)}, "sampled"),
        ({"temperature": 0}, {"rules": CacheRules(enabled=False)}, "off"),
        ({"temperature": 0}, {"rules": CacheRules(enabled=False), "key": KeyRules(enabled=True)}, "off"),
        ({"temperature": 0}, {"key": KeyRules(enabled=False)}, "off"),
        ({"temperature": 0, "store": True}, {}, "kept_by_provider"),
        ({"temperature": 0, "store": False}, {}, ""),
    ],
)
def test_which_requests_are_cached(fields: dict[str, Any], given: dict[str, Any], why: str) -> None:
    decision = decided(fields, **given)
    assert decision == YES if not why else decision == Decision(False, False, why=why)
    assert decision.bypass is bool(why)
    assert decision.coalesce is not bool(why)


@pytest.mark.parametrize(
    ("header", "decision"),
    [
        (b"no-cache", Decision(False, True, 60.0)),
        (b"No-Store", Decision(True, False, 60.0)),
        (b"no-cache, no-store", Decision(False, False, 60.0, why="no-store")),
        (b"max-age=5", Decision(True, True, 60.0, max_age=5.0)),
        (b"max-age=0", Decision(False, True, 60.0, max_age=0.0)),
        (b"only-if-cached", Decision(True, False, 60.0, only_if_cached=True)),
        (b"min-fresh=10", Decision(True, True, 60.0, min_fresh=10.0)),
        (b"max-stale=10, no-transform, stale-if-error=1", YES),
        (b'private="a, no-store", only-if-cached-perhaps, xno-store', YES),
        (b'no-cache="set-cookie", max-stale', Decision(False, True, 60.0)),
        (b"max-age=60, no-cache", Decision(False, True, 60.0, max_age=60.0)),
        (b"", YES),
    ],
)
def test_what_the_request_says_of_caches(header: bytes, decision: Decision) -> None:
    assert decided({"temperature": 0}, cache_control=header) == decision


def test_where_the_cache_is_passed_by_only_if_cached_still_forbids_to_send() -> None:
    decision = decided({}, cache_control=b"only-if-cached")
    assert decision.bypass
    assert decision.only_if_cached


@pytest.mark.parametrize(
    ("header", "directives"),
    [
        (b'max-age="7"', Directives(max_age=7.0)),
        (b"max-age=9, max-age=7", Directives(max_age=7.0)),
        (b"max-age", Directives(max_age=0.0)),
        (b"max-age=-1", Directives(max_age=0.0)),
        (b"max-age=abc", Directives(max_age=0.0)),
        (b"max-age=1.5", Directives(max_age=0.0)),
        (b"max-age=9e9, min-fresh=3", Directives(max_age=0.0, min_fresh=3.0)),
        (b"max-age=99999999999999999999", Directives(max_age=1e20)),
        (b'max-age="7', Directives(max_age=7.0)),
        (b'"max-age=7"', Directives(max_age=0.0)),
        (b"max-age=\xb2", Directives(max_age=0.0)),
        (b"min-fresh=x", Directives(min_fresh=inf)),
        (b" , ,NO-CACHE ,", Directives(no_cache=True)),
    ],
)
def test_numbers_that_are_none_are_taken_on_the_safe_side(header: bytes, directives: Directives) -> None:
    assert read_cache_control(header) == directives


@pytest.mark.parametrize(
    ("decision", "age", "life", "accepted"),
    [
        (YES, 1e9, 0.1, True),
        (Decision(True, True, max_age=5.0), 5.0, 1.0, True),
        (Decision(True, True, max_age=5.0), 5.1, 1.0, False),
        (Decision(True, True, min_fresh=10.0), 0.0, 9.9, False),
        (Decision(False, True), 0.0, 9.9, False),
    ],
)
def test_which_stored_answers_will_do(decision: Decision, age: float, life: float, accepted: bool) -> None:
    assert decision.accepts(age, life) is accepted


def test_a_policy_of_the_key_says_how_long() -> None:
    assert decided({"temperature": 0}, key=KeyRules(ttl=5.0)).ttl == 5.0


@pytest.mark.parametrize("dialect", DIALECTS)
def test_nothing_stored_is_a_504_in_the_callers_dialect(dialect: str) -> None:
    error = not_stored()
    assert (error.status, error.retryable) == (504, False)
    assert "only-if-cached" in DIALECTS[dialect].encode_error(error, "r").decode()


@pytest.mark.parametrize(
    ("stop", "parts", "answered", "why"),
    [
        (Stop.END, (Text("x"),), "m", ""),
        (Stop.STOP_SEQUENCE, (Text("x"),), "m", ""),
        (Stop.TOOL_CALLS, (Text("x"),), "m", ""),
        (Stop.END, (Text("x"),), "n", "other_model"),
        (Stop.REFUSAL, (Text("x"),), "m", "refused"),
        (Stop.END, (Refusal("no"),), "m", "refused"),
        (Stop.LENGTH, (Text("x"),), "m", "cut"),
        (Stop.CONTEXT_WINDOW, (Text("x"),), "m", "cut"),
        (Stop.PAUSE, (Text("x"),), "m", "cut"),
        (Stop.OTHER, (Text("x"),), "m", "cut"),
        (Stop.END, (), "m", "empty"),
    ],
)
def test_which_answers_are_kept(stop: Stop, parts: tuple[Part, ...], answered: str, why: str) -> None:
    assert why_not_kept(Response("i", "m", parts, stop), asked="m", answered=answered) == why


@pytest.mark.parametrize(
    ("given", "exact"),
    [
        ({}, False),
        ({"wish": b"exact"}, True),
        ({"wish": b"Sampled, EXACT"}, True),
        ({"wish": b" ,, "}, False),
        ({"key": KeyRules(semantic=False)}, True),
        ({"key": KeyRules(semantic=True)}, False),
    ],
)
def test_who_wants_only_the_answer_to_the_very_same(given: dict[str, Any], exact: bool) -> None:
    assert decided({"temperature": 0}, **given).exact is exact


@pytest.mark.parametrize(
    "wish",
    [
        *(b"please", b"bypas", b"inexact", b"hit", b"sampled; exact", b"sampled, ttl=60", b"\xff"),
        *(b"pace", b"pace=", b"pace=-1", b"pace=fast", b"pace=1e9", b"pace=9999999"),
    ],
)
@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_word_that_is_none_is_refused_and_told_which_there_are(wish: bytes, dialect: str) -> None:
    for key in (KeyRules(), KeyRules(enabled=False)):
        with pytest.raises(InvalidRequest) as raised:
            decided({"temperature": 0}, wish=wish, key=key)
    body = DIALECTS[dialect].encode_error(raised.value, "r").decode()
    assert raised.value.status == 400 and raised.value.param == "x-pointsman-cache"
    assert all(word in body for word in ("bypass", "sampled", "exact", "pace=NUMBER"))


def test_two_words_are_two_wishes() -> None:
    assert not decided({}, wish=b"exact, sampled").bypass
