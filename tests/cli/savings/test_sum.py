from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.cli.savings.sum import (
    COLUMNS,
    NAMED,
    NOTHING,
    Column,
    Learned,
    Savings,
    learned_from,
    parse_columns,
)
from pointsman.config import load_settings
from pointsman.costs import format_usd
from pointsman.costs.ratio import PER_ONE, Bounds, TokenRatio
from pointsman.costs.tally import total
from pointsman.errors import InvalidRequest, ModelNotFound
from pointsman.gateway.auto.baselines import identify_with, read_models
from pointsman.ledger import Entry
from pointsman.routing.labels.kept import Labelled, Mark, Prompt
from tests.support.ledger_entries import ENTRIES
from tests.support.routed import LARGE, SMALL, a_routed, failed

SETTINGS = load_settings({}, {"auto": {"default": {"pool": [SMALL, LARGE]}}})
MODELS = read_models(SETTINGS)
IDENTIFY = identify_with(SETTINGS, MODELS.catalog)


def no_ratios(route: str, baseline: str) -> Learned:
    return NOTHING


def summed(*entries: Entry, by: str = "route", **options: str | bool | None) -> Savings:
    against, route = options.get("against"), options.get("route")
    found = Savings(
        parse_columns(by),
        MODELS,
        IDENTIFY,
        no_ratios,
        against=against if isinstance(against, str) else None,
        route=route if isinstance(route, str) else None,
        everything=options.get("everything") is True,
    )
    for entry in entries:
        found.take(entry)
    return found


def test_the_words_of_by() -> None:
    assert parse_columns("day, model,day") == ("day", "model")
    assert parse_columns("") == ()
    with pytest.raises(InvalidRequest, match="no column colour: --by takes route, key"):
        parse_columns("route,colour")


def test_each_route_has_its_own_baseline() -> None:
    found = summed(
        a_routed("1", SMALL),
        a_routed("2", LARGE),
        a_routed("3", SMALL, LARGE),
        a_routed("4", LARGE, requested="shadow:default"),
        a_routed("5", SMALL, requested="judge:default"),
        failed("6"),
        a_routed("7", SMALL, requested="auto:gone"),
        a_routed("8", SMALL, requested=SMALL),
    )
    assert found.baselines == {"default": LARGE, "gone": None}
    assert found.not_routed == 1
    gone, default = (tally for _, tally in found.rows)
    assert [
        format_usd(amount)
        for amount in (
            default.baseline,
            default.answered,
            default.others,
            default.shadows,
            default.judges,
            default.saved,
        )
    ] == ["0.018", "0.0135", "0.0015", "0.006", "0.0015", "-0.0045"]
    assert default.how == {"as it is": 1, "only the baseline": 1, "escalated": 1}
    assert set(default.uncompared) == {"no answer"}
    assert (gone.requests, set(gone.uncompared)) == (0, {"baseline unknown"})


def test_one_baseline_for_all_and_requests_that_named_their_model() -> None:
    entries = [
        a_routed("1", SMALL),
        a_routed("2", SMALL, requested="auto:gone"),
        a_routed("3", SMALL, requested="x"),
    ]
    found = summed(*entries, against="opus-4", everything=True)
    assert found.against == "claude-opus-4-20250514" and found.not_routed == 0
    assert found.baselines == dict.fromkeys([NAMED, "default", "gone"], "claude-opus-4-20250514")
    assert format_usd(found.total.baseline) == "0.0675"
    with pytest.raises(ModelNotFound):
        summed(against="nobody")


def test_shadows_of_the_baseline_are_known_to_the_cent() -> None:
    marks = (
        Mark(SMALL, 1.0, "grader", 0, input_tokens=10, output_tokens=10, cost=1),
        Mark(LARGE, 1.0, "feedback", 0, cost=5),
        Mark(LARGE, 1.0, "shadow", 0, input_tokens=10, output_tokens=30, cost=7),
    )
    unknown = (Mark(LARGE, 1.0, "shadow", 0),)
    labelled = [
        *(Labelled(Prompt(f"r{n}", "default", "", n, None), marks) for n in range(30)),
        Labelled(Prompt("u", "default", "", 9, None), unknown),
    ]
    learned = learned_from(iter(labelled), LARGE)
    assert learned.shadows == {f"r{n}": 7 for n in range(30)}
    assert learned.ratios[SMALL].output.value == 3 * PER_ONE
    found = Savings(("route",), MODELS, IDENTIFY, lambda route, baseline: learned)
    for name in ("r1", "other"):
        found.take(a_routed(name, SMALL))
    assert found.total.how == {"shadowed": 1, "corrected": 1}


def test_an_alias_may_stand_for_a_route() -> None:
    settings = load_settings(
        {}, {"aliases": {"smart": "auto:default"}, "auto": {"default": {"pool": [SMALL, LARGE]}}}
    )
    found = Savings(("route",), read_models(settings), IDENTIFY, no_ratios)
    found.take(a_routed("1", SMALL, requested="smart"))
    assert (found.not_routed, found.total.requests) == (0, 1)


def test_a_key_may_have_a_route_of_its_own() -> None:
    found = Savings(("route",), MODELS, IDENTIFY, no_ratios, of_keys={"key_1": "gone"})
    found.take(a_routed("1", SMALL))
    found.take(a_routed("2", SMALL, requested="auto:default"))
    found.take(a_routed("3", SMALL, key_id="key_2"))
    assert {group["route"]: tally.requests for group, tally in found.rows} == {"default": 2, "gone": 0}


def test_only_one_route() -> None:
    entries = [
        a_routed("1", SMALL),
        a_routed("2", SMALL, requested="auto:gone"),
        a_routed("3", LARGE, requested=LARGE),
    ]
    found = summed(*entries, route="default")
    assert [group for group, _ in found.rows] == [{"route": "default"}]
    assert not found.empty and summed(*entries, route="other").empty


def test_tokens_are_corrected_by_the_labels_of_the_route() -> None:
    asked: list[tuple[str, str]] = []

    def learn(route: str, baseline: str) -> Learned:
        asked.append((route, baseline))
        return Learned({SMALL: TokenRatio(30, Bounds(), Bounds(2 * PER_ONE, PER_ONE, 3 * PER_ONE))}, {})

    found = Savings(("route",), MODELS, IDENTIFY, learn)
    for number in range(3):
        found.take(a_routed(str(number), SMALL))
    assert asked == [("default", LARGE)]
    assert found.total.how == {"corrected": 3}
    assert format_usd(found.total.baseline) == "0.024"
    assert tuple(map(format_usd, found.total.bounds)) == ("0.0135", "0.0255")


def test_the_order_of_rows() -> None:
    day = 86_400_000_000
    entries = [
        a_routed(str(number), model, at_us=(20_000 - number) * day, key_name=key)
        for number, (model, key) in enumerate([(LARGE, "a"), (SMALL, "b"), (SMALL, "c"), (SMALL, "c")])
    ]
    assert [group["key"] for group, _ in summed(*entries, by="key").rows] == ["c", "b", "a"]
    days = [group["day"] for group, _ in summed(*entries, by="day,key").rows]
    assert days == sorted(days) and len(days) == 4
    assert [group for group, _ in summed(*entries, by="").rows] == [{}]
    assert summed(entries[0], by="tenant,model").rows[0][0] == {"tenant": "acme", "model": LARGE}


@given(
    st.lists(ENTRIES, max_size=20),
    st.lists(st.sampled_from(["auto", "auto:x", "shadow:default", "judge:x", "m"]), min_size=20, max_size=20),
    st.lists(st.sampled_from(COLUMNS), unique=True).map(lambda by: tuple[Column, ...](by)),
)
def test_groups_add_up_to_the_same_total(
    entries: list[Entry], requested: list[str], by: tuple[Column, ...]
) -> None:
    from msgspec.structs import replace

    routed = [replace(entry, requested=name) for entry, name in zip(entries, requested, strict=False)]
    grouped, whole = summed(*routed, by=",".join(by)), summed(*routed, by="")
    assert grouped.total == whole.total == total(tally for _, tally in grouped.rows)
