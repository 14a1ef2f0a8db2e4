"""What a program returns, and when a time limit ends: exercises in which every condition counts."""

from __future__ import annotations

from collections.abc import Callable

from .exercise import Place, Span, Template, Values
from .names import FIRMS, FUNCTIONS, PEOPLE

_ASKS = ("What does {f}({n}) return?", "Which value has {f}({n})?", "Evaluate {f}({n}).")


def _code(body: str, run: Callable[[Values, int], int]) -> list[Template]:
    """One for each way to ask. The easy mistake is to run a loop once too often."""
    places: dict[str, Place] = {
        "f": FUNCTIONS,
        "n": Span(5, 14),
        "a": Span(2, 9),
        "k": Span(2, 4),
        "m": Span(2, 7),
    }
    text = "Take this Python function:\n\n" + body + "\n\n"
    return [
        Template(
            "code",
            text + ask,
            lambda values: run(values, values["n"]),
            lambda values: run(values, values["n"] + 1),
            {name: place for name, place in places.items() if f"{{{name}}}" in text + ask},
        )
        for ask in _ASKS
    ]


def _skipping(v: Values, n: int) -> int:
    return v["a"] + sum(i * v["m"] for i in range(n) if i % v["k"])


def _growing(v: Values, n: int) -> int:
    total = v["a"]
    for _ in range(n):
        total = total - v["k"] if total > 40 else total + v["m"]
    return total


def _nested(v: Values, n: int) -> int:
    return sum(i * j for i in range(1, v["k"] + 1) for j in range(n)) + v["a"]


def _falling(v: Values, n: int) -> int:
    steps = 0
    left = n * v["m"]
    while left > v["a"]:
        left = left // 2 if left % 2 == 0 else left - 1
        steps += 1
    return steps * v["k"]


_SKIPPING = (
    "def {f}(n):\n    total = {a}\n    for i in range(n):\n        if i % {k} == 0:\n            continue\n"
    "        total += i * {m}\n    return total"
)
_GROWING = (
    "def {f}(n):\n    total = {a}\n    for _ in range(n):\n        total = total - {k} if total > 40 else "
    "total + {m}\n    return total"
)
_NESTED = "def {f}(n):\n    return sum(i * j for i in range(1, {k} + 1) for j in range(n)) + {a}"
_FALLING = (
    "def {f}(n):\n    steps, left = 0, n * {m}\n    while left > {a}:\n        left = left // 2 if left % 2 "
    "== 0 else left - 1\n        steps += 1\n    return steps * {k}"
)
CODE = (
    *_code(_SKIPPING, _skipping),
    *_code(_GROWING, _growing),
    *_code(_NESTED, _nested),
    *_code(_FALLING, _falling),
)

_LEASE = (
    "Under clause {c} of a lease with {firm} either side may end it with {weeks} weeks' notice, but not "
    "before day {least} of the term. Clause {d} adds {extra} days where notice is sent by post. {who} posts "
    "the notice on day {day}. On which day of the term does the lease end at the earliest?"
)
_CLAIM = (
    "A claim against {firm} is barred {limit} days after it fell due. Under section {c} the time stands "
    "still while the parties negotiate. It fell due on day {day}; {who} negotiated from day {begun} for "
    "{talks} days. What is the last day on which the claim can be brought?"
)
_PENALTY = (
    "A contract with {firm} provides a penalty of {rate} euros for each day of delay beyond {grace} days of "
    "grace, and clause {c} caps it at {most} euros. {who} delivers {late} days late, of which {excused} "
    "were excused by the other side. What penalty is due, in euros?"
)
_RENEWAL = (
    "A subscription from {firm} renews every {term} days unless it is cancelled {notice} days before that. "
    "{who} took it out on day {day} and cancels {after} days later. Compare both dates under clause {c}: on "
    "which day does it end?"
)

_COMMON: dict[str, Place] = {"c": Span(2, 19), "firm": FIRMS, "who": PEOPLE, "day": Span(10, 90)}


def _lease(v: Values) -> int:
    return max(v["day"] + 7 * v["weeks"] + v["extra"], v["least"])


def _penalty(v: Values) -> int:
    return min(v["rate"] * max(0, v["late"] - v["excused"] - v["grace"]), v["most"])


def _renewal(v: Values) -> int:
    """The first end of a term that lies at least the notice after the cancellation."""
    periods = -(-(v["after"] + v["notice"]) // v["term"])
    return v["day"] + periods * v["term"]


LAW = (
    Template(
        "law",
        _LEASE,
        _lease,
        lambda v: v["day"] + 7 * v["weeks"],
        _COMMON | {"d": Span(20, 39), "weeks": Span(2, 12), "least": Span(60, 160), "extra": Span(2, 5)},
    ),
    Template(
        "law",
        _CLAIM,
        lambda v: v["day"] + v["limit"] + v["talks"],
        lambda v: v["day"] + v["limit"],
        _COMMON | {"limit": Span(90, 900), "begun": Span(100, 150), "talks": Span(8, 60)},
    ),
    Template(
        "law",
        _PENALTY,
        _penalty,
        lambda v: v["rate"] * v["late"],
        {k: p for k, p in _COMMON.items() if k != "day"}
        | {
            "rate": Span(40, 300),
            "grace": Span(2, 7),
            "most": Span(900, 4000),
            "late": Span(9, 40),
            "excused": Span(1, 6),
        },
    ),
    Template(
        "law",
        _RENEWAL,
        _renewal,
        lambda v: v["day"] + v["after"],
        _COMMON | {"term": Span(30, 120), "notice": Span(5, 25), "after": Span(35, 400)},
    ),
)
