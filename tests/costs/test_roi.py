from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.costs import PER_USD
from pointsman.costs.roi import (
    blends,
    compare,
    most_of,
    normalise,
    parse_mix,
    parse_saving,
    saving,
    split_calls,
)
from pointsman.errors import InvalidRequest

HAIKU, SONNET, OPUS = 2_080 * 10**6, 7_800 * 10**6, 39_000 * 10**6
PER_CALL = {"haiku": HAIKU, "sonnet": SONNET, "opus": OPUS}
MIX = {"haiku": Fraction(6, 10), "sonnet": Fraction(3, 10), "opus": Fraction(1, 10)}


def hundredths(*shares: int) -> dict[str, Fraction]:
    return {name: Fraction(share, 100) for name, share in zip(PER_CALL, shares, strict=False) if share}


@pytest.mark.parametrize(
    ("text", "shares"),
    [
        ("a=10,b=30,c=60", {"a": Fraction(1, 10), "b": Fraction(3, 10), "c": Fraction(6, 10)}),
        (" a = 1 , b=2, ", {"a": Fraction(1, 3), "b": Fraction(2, 3)}),
        ("a=60%,b=40 %", {"a": Fraction(3, 5), "b": Fraction(2, 5)}),
        ("a=0.1,b=0.2", {"a": Fraction(1, 3), "b": Fraction(2, 3)}),
        ("a=1,b=0", {"a": Fraction(1), "b": Fraction(0)}),
        ("one=two=1", {"one=two": Fraction(1)}),
    ],
)
def test_a_mix_is_read_and_its_shares_made_one(text: str, shares: dict[str, Fraction]) -> None:
    assert parse_mix(text) == shares


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a", "write MODEL=SHARE"),
        ("a=x", "a=x is no part of a mix"),
        ("a=-1", "no part"),
        ("a=nan", "no part"),
        ("a=inf", "no part"),
        ("a=1e999999999", "no part"),
        ("=1", "no part"),
        ("a=1,a=2", "names a twice"),
        ("", "at least one"),
        ("a=0", "at least one"),
    ],
)
def test_what_is_no_mix_is_refused(text: str, message: str) -> None:
    with pytest.raises(InvalidRequest, match=message):
        parse_mix(text)


@pytest.mark.parametrize(("text", "part"), [("40", Fraction(2, 5)), (" 12.5% ", Fraction(1, 8))])
def test_savings_are_read(text: str, part: Fraction) -> None:
    assert parse_saving(text) == part


@pytest.mark.parametrize("text", ["0", "100", "-5", "much", "", "nan"])
def test_what_is_no_saving_is_refused(text: str) -> None:
    with pytest.raises(InvalidRequest, match="above 0 and below 100"):
        parse_saving(text)


@pytest.mark.parametrize(
    ("calls", "parts", "split"),
    [
        (10, {"a": 1, "b": 1, "c": 1}, {"a": 4, "b": 3, "c": 3}),
        (1, {"a": 1, "b": 2}, {"a": 0, "b": 1}),
        (7, {"a": 0, "b": 1}, {"a": 0, "b": 7}),
        (1_000_000, {"a": 60, "b": 30, "c": 10}, {"a": 600_000, "b": 300_000, "c": 100_000}),
    ],
)
def test_calls_stay_whole(calls: int, parts: dict[str, int], split: dict[str, int]) -> None:
    assert split_calls(calls, normalise({name: Fraction(part) for name, part in parts.items()})) == split


@given(
    st.integers(1, 10**7),
    st.lists(st.tuples(st.integers(0, 10**4), st.integers(0, 10**12)), min_size=1, max_size=6).filter(
        lambda parts: any(part for part, _ in parts)
    ),
)
def test_the_sum_over_models_is_the_mix(calls: int, parts: list[tuple[int, int]]) -> None:
    shares = normalise({str(i): Fraction(part) for i, (part, _) in enumerate(parts)})
    roi = compare(calls, shares, {str(i): cost for i, (_, cost) in enumerate(parts)}, "0")
    assert sum(line.calls for line in roi.lines) == calls
    assert sum(line.cost for line in roi.lines) == roi.cost
    assert all(abs(line.calls - calls * shares[line.model]) < 1 for line in roi.lines)
    assert roi.baseline_cost - roi.saved == roi.cost
    assert min(line.alone for line in roi.lines) <= roi.cost <= max(line.alone for line in roi.lines)


def test_a_mix_beside_a_model_that_is_not_in_it() -> None:
    roi = compare(10, {"haiku": Fraction(1)}, PER_CALL, "opus", ("sonnet",))
    assert [(line.model, line.calls, line.alone) for line in roi.lines] == [
        ("haiku", 10, 10 * HAIKU),
        ("opus", 0, 10 * OPUS),
        ("sonnet", 0, 10 * SONNET),
    ]
    assert roi.saving == 1 - Fraction(HAIKU, OPUS)


@pytest.mark.parametrize(
    ("shares", "percent"), [((60, 30, 10), 4.0), ((70, 30), 51.3), ((100,), 73.3), ((0, 0, 100), -400.0)]
)
def test_what_mixes_save(shares: tuple[int, ...], percent: float) -> None:
    saved = compare(1_000_000, hundredths(*shares), PER_CALL, "sonnet").saving
    assert saved is not None
    assert round(float(saved) * 100, 1) == percent


def test_against_what_costs_nothing_there_is_no_saving() -> None:
    assert saving(1, 0) is None


def test_the_corners_of_what_saves_forty_percent() -> None:
    found = blends(PER_CALL, SONNET, Fraction(2, 5))
    assert [blend.shares for blend in found] == [
        {"haiku": Fraction(6, 11), "sonnet": Fraction(5, 11)},
        {"haiku": Fraction(34_320, 36_920), "opus": Fraction(2_600, 36_920)},
        {"haiku": Fraction(1)},
    ]
    assert blends({"sonnet": SONNET, "opus": OPUS}, SONNET, Fraction(2, 5)) == ()


@pytest.mark.parametrize(
    ("target", "most"), [("0.4", Fraction(26, 1313)), ("0.6", None), ("0.04", Fraction(1, 10))]
)
def test_how_much_of_the_dearest_a_mix_can_keep(target: str, most: Fraction | None) -> None:
    assert most_of("opus", MIX, PER_CALL, SONNET, Fraction(target)) == most


def test_the_most_of_a_model_where_there_is_nothing_to_solve() -> None:
    assert most_of("haiku", MIX, PER_CALL, OPUS, Fraction(1, 10)) == 1
    assert most_of("haiku", {"haiku": Fraction(1)}, PER_CALL, OPUS, Fraction(1, 10)) is None
    assert most_of("haiku", hundredths(50, 0, 50), PER_CALL, OPUS, Fraction(1, 2)) == 1


COSTS = st.dictionaries(st.sampled_from("abcdef"), st.integers(1, PER_USD), min_size=1)
TARGETS = st.fractions(min_value=Fraction(1, 100), max_value=Fraction(99, 100))


@given(COSTS, st.integers(1, PER_USD), TARGETS, st.data())
def test_every_blend_reaches_its_saving_and_so_do_blends_of_them(
    costs: dict[str, int], baseline: int, target: Fraction, data: st.DataObject
) -> None:
    found = blends(costs, baseline, target)
    limit = (1 - target) * baseline
    assert bool(found) == (min(costs.values()) <= limit)
    for blend in found:
        assert sum(blend.shares.values()) == 1 and all(share > 0 for share in blend.shares.values())
        cost = sum(share * costs[name] for name, share in blend.shares.items())
        assert cost == blend.per_call <= limit
        assert len(blend.shares) == 1 or cost == limit
    if found:
        parts = data.draw(st.lists(st.integers(0, 9), min_size=len(found), max_size=len(found)).filter(any))
        mixed = sum(part * blend.per_call for part, blend in zip(parts, found, strict=True)) / sum(parts)
        assert mixed <= limit


@given(COSTS.filter(lambda costs: len(costs) > 1), st.integers(1, PER_USD), TARGETS)
def test_the_most_of_a_model_is_the_most(costs: dict[str, int], baseline: int, target: Fraction) -> None:
    shares = normalise({name: Fraction(i + 1) for i, name in enumerate(costs)})
    model = max(costs, key=lambda name: costs[name])
    limit = (1 - target) * baseline

    def cost(share: Fraction) -> Fraction:
        rest = 1 - shares[model]
        others = sum(shares[name] / rest * costs[name] for name in shares if name != model)
        return share * costs[model] + (1 - share) * others

    most = most_of(model, shares, costs, baseline, target)
    if most is None:
        assert cost(Fraction(0)) > limit
    else:
        assert 0 <= most <= 1 and cost(most) <= limit
        assert most == 1 or cost(most) == limit
