"""What every store of labels must do."""

from __future__ import annotations

from typing import Any

from pointsman.routing.labels.kept import Labels, Mark, Prompt


def a_prompt(ident: str = "req_1", **fields: Any) -> Prompt:
    given: dict[str, Any] = {"route": "default", "tenant": "acme", "at_us": 1_000, "features": b"f"}
    return Prompt(id=ident, **(given | fields))


def a_mark(model: str = "small", score: float = 1.0, **fields: Any) -> Mark:
    given: dict[str, Any] = {"source": "shadow", "at_us": 2_000, "answer": "req_9"}
    return Mark(model=model, score=score, **(given | fields))


def keeps_what_it_is_given(store: Labels) -> None:
    priced = a_mark("large", 0.5, input_tokens=10, output_tokens=20, cost=7_000_000)
    store.put(a_prompt("req_2", at_us=5_000, tenant="", group="maths"), [priced, a_mark("small", 0.0)])
    store.put(a_prompt("req_1"), [a_mark()])
    store.put(a_prompt("req_3", route="other"), [a_mark()])
    first, second = store.labelled("default")
    assert (first.prompt, first.marks) == (a_prompt("req_1"), (a_mark(),))
    assert second.prompt == a_prompt("req_2", at_us=5_000, tenant="", group="maths")
    assert second.scores == {"large": 0.5, "small": 0.0}
    assert second.tokens == {"large": (10, 20)}
    assert second.costs == {"large": 7_000_000}
    assert [found.prompt.id for found in store.labelled("default", since_us=1_001)] == ["req_2"]
    assert [found.prompt.id for found in store.labelled("default", until_us=5_000)] == ["req_1"]
    assert list(store.labelled("default", ("feedback",))) == []
    assert list(store.labelled("nowhere")) == []


def lets_the_last_mark_win(store: Labels) -> None:
    for score in (0.0, 1.0, 0.25):
        store.put(a_prompt(), [a_mark(score=score, source="feedback", key_id="key_1")])
    store.put(a_prompt(), [a_mark(score=0.75, source="feedback", key_id="key_2"), a_mark(score=1.0)])
    (found,) = store.labelled("default")
    assert [(mark.source, mark.key_id, mark.score) for mark in found.marks] == [
        ("feedback", "key_1", 0.25),
        ("feedback", "key_2", 0.75),
        ("shadow", "", 1.0),
    ]
    assert found.scores == {"small": (0.25 + 0.75 + 1.0) / 3}
    (shadowed,) = store.labelled("default", ("shadow",))
    assert shadowed.scores == {"small": 1.0}


def keeps_the_features_it_has(store: Labels) -> None:
    store.put(a_prompt(features=None), [a_mark()])
    store.put(a_prompt(features=b"one"), [a_mark("large")])
    store.put(a_prompt(features=b"two"), [a_mark("other")])
    (found,) = store.labelled("default")
    assert found.prompt.features == b"one"


def counts_what_there_is(store: Labels) -> None:
    assert store.counts() == ()
    store.put(a_prompt("req_1"), [a_mark(score=1.0, at_us=10), a_mark("large", 0.5)])
    store.put(a_prompt("req_2"), [a_mark(score=0.0, at_us=30)])
    large, small = store.counts()
    assert (large.route, large.model, large.source, large.labels) == ("default", "large", "shadow", 1)
    assert (small.labels, small.prompts, small.mean, small.first_us, small.last_us) == (2, 2, 0.5, 10, 30)


def never_holds_more_than_the_most(store: Labels) -> None:
    day, route = "2026-11-23", "default"
    assert store.spent(day, route) == 0
    assert not store.hold(day, route, 11, 10)
    assert store.hold(day, route, 6, 10)
    assert not store.hold(day, route, 5, 10)
    assert store.hold(day, route, 4, 10)
    store.give_back(day, route, 3)
    assert store.spent(day, route) == 7
    assert store.hold(day, route, 3, 10)
    assert not store.hold(day, route, 1, 10)
    assert store.hold("2026-11-24", route, 10, 10), "each day has its own"
    assert store.hold(day, "other", 10, 10), "and each route"


def forgets_features(store: Labels) -> None:
    store.put(a_prompt("req_1", at_us=1), [a_mark()])
    store.put(a_prompt("req_2", at_us=9), [a_mark()])
    store.put(a_prompt("imported", at_us=1), [a_mark(source="import")])
    assert store.prune("default", 5) == 1
    assert store.prune("default", 5) == 0
    kept = {found.prompt.id: found.prompt.features for found in store.labelled("default")}
    assert kept == {"req_1": None, "req_2": b"f", "imported": b"f"}


CONTRACT = (
    keeps_what_it_is_given,
    lets_the_last_mark_win,
    keeps_the_features_it_has,
    counts_what_there_is,
    never_holds_more_than_the_most,
    forgets_features,
)
