from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pointsman.routing.labels.fair import FEW, fair_counts, fair_feedback
from pointsman.routing.labels.kept import Labelled
from tests.support.labels_contract import a_mark, a_prompt


def rated(tenant: str, count: int, *, shadowed: bool = False) -> list[Labelled]:
    marks = (a_mark(source="feedback", key_id="k"), *([a_mark("large")] if shadowed else []))
    return [Labelled(a_prompt(f"{tenant}_{number}", tenant=tenant), marks) for number in range(count)]


def counts(labelled: list[Labelled]) -> dict[str, int]:
    found: dict[str, int] = {}
    for each in labelled:
        if any(mark.source == "feedback" for mark in each.marks):
            found[each.prompt.tenant] = found.get(each.prompt.tenant, 0) + 1
    return found


def test_who_spams_has_no_more_than_its_share() -> None:
    labelled = rated("spam", 900) + rated("a", 90) + rated("b", 90)
    fair = fair_feedback(labelled, {"spam": 1_000, "a": 4_500, "b": 4_500})
    assert counts(fair) == {"spam": FEW, "a": 90, "b": 90}
    assert fair == fair_feedback(list(reversed(labelled)), {"spam": 1_000, "a": 4_500, "b": 4_500})[::-1]


def test_other_sources_are_left_alone() -> None:
    labelled = rated("spam", 900, shadowed=True) + rated("a", 90)
    fair = fair_feedback(labelled, {"spam": 1_000, "a": 9_000})
    assert len(fair) == 990
    assert sum(each.scores.keys() == {"large"} for each in fair) == 880


def test_few_do_not_count_and_one_alone_is_all_there_is() -> None:
    assert counts(fair_feedback(rated("a", 500) + rated("b", FEW - 1), {"a": 1, "b": 9_000})) == {
        "a": 500,
        "b": FEW - 1,
    }
    assert counts(fair_feedback(rated("a", 500), {})) == {"a": 500}
    assert fair_feedback([], {}) == []


TENANTS = st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 5_000), max_size=6)


@given(TENANTS, TENANTS)
def test_nobody_has_more_of_what_counts_than_of_the_traffic(
    given: dict[str, int], traffic: dict[str, int]
) -> None:
    fair = fair_counts(given, traffic)
    assert all(0 <= fair[tenant] <= count for tenant, count in given.items())
    many = [tenant for tenant, count in given.items() if count >= FEW]
    assert all(fair[tenant] == count for tenant, count in given.items() if tenant not in many)
    if len(many) < 2:
        return
    known = {tenant: max(traffic.get(tenant, 0), given[tenant]) for tenant in many}
    total = sum(fair[tenant] for tenant in many)
    for tenant in many:
        assert fair[tenant] <= max(FEW, known[tenant] / sum(known.values()) * total * 1.0 + len(many))
