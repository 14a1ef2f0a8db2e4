"""How long a decision takes: features and judgement of prompts of several lengths, on the thread that serves.

    python -m bench.decision [--models 2] [--json]

Microseconds depend on the machine and on who else is on it, so each is also given as a multiple of a
yardstick measured in the same moments: parsing the body of a request with a prompt of 1,000 characters by
``json.loads``. Prompts are made up: words of Zipf's frequencies, with marks, lines and numbers as they
have them. The router is trained on such prompts too, and judges ones that it has not seen.
"""

from __future__ import annotations

import argparse
import gc
import json
import random
import time
from collections.abc import Callable
from typing import TypedDict

from pointsman.routing import Sample
from pointsman.routing.features import featurise
from pointsman.routing.router import Router, load_router
from pointsman.routing.training import Example, train

LENGTHS = (300, 1000, 3000, 400_000)
MIXED = "300 to 3,000"
_WORDS = 20_000
_LETTERS = "etaoinshrdlucmfwypvbgkqjxz"


class Line(TypedDict):
    characters: str
    p50_us: float
    p99_us: float
    p50_of_yardstick: float
    p99_of_yardstick: float


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.decision", description=__doc__.splitlines()[0])
    parser.add_argument("--models", type=int, default=2, help="In the router's pool.")
    parser.add_argument("--rounds", type=int, default=2000, help="Decisions of each length.")
    parser.add_argument("--json", action="store_true", help="Print JSON.")
    arguments = parser.parse_args()
    rng = random.Random(1)
    words = vocabulary(rng)
    router = a_router(rng, words, arguments.models)
    lines = [measure(router, rng, words, length, arguments.rounds) for length in (None, *LENGTHS)]
    if arguments.json:
        print(json.dumps(lines, indent=2))
        return
    print(f"{'characters':>14} {'p50':>10} {'p99':>10} {'p50 / yardstick':>16} {'p99 / yardstick':>16}")
    for one in lines:
        print(
            f"{one['characters']:>14} {one['p50_us']:>7.0f} µs {one['p99_us']:>7.0f} µs"
            f" {one['p50_of_yardstick']:>16.1f} {one['p99_of_yardstick']:>16.1f}"
        )


def vocabulary(rng: random.Random) -> list[str]:
    """The frequent ones are short, as words are."""
    return [
        "".join(rng.choices(_LETTERS[:20], k=2 + min(len(str(at)) + rng.randint(0, 3), 9)))
        for at in range(_WORDS)
    ]


def a_prompt(rng: random.Random, words: list[str], length: int) -> str:
    parts: list[str] = []
    size = 0
    while size < length:
        word = words[int(_WORDS ** rng.random()) - 1]
        word += rng.choices(("", ",", ".", "?", " 17", "\n"), (80, 7, 6, 2, 3, 2))[0]
        parts.append(word)
        size += len(word) + 1
    return " ".join(parts)[:length]


def a_router(rng: random.Random, words: list[str], models: int) -> Router:
    """Written and read once, as the gateway has it."""
    names = [f"model-{number}" for number in range(models)]
    examples = [
        Example(
            featurise(Sample(a_prompt(rng, words, rng.randint(100, 1500)))),
            {name: float(rng.random() < 0.7) for name in names},
        )
        for _ in range(2000)
    ]
    return load_router(train(examples, names).encode())


def measure(router: Router, rng: random.Random, words: list[str], length: int | None, rounds: int) -> Line:
    """Of one length, or of lengths drawn evenly from ``MIXED``."""
    rounds = rounds if length is None or length <= 3000 else max(rounds // 10, 100)
    kept = 200 if length is None or length <= 3000 else 5
    samples = [Sample(a_prompt(rng, words, length or rng.randint(300, 3000))) for _ in range(kept)]
    body = json.dumps(
        {"model": "auto", "messages": [{"role": "user", "content": a_prompt(rng, words, 1000)}]}
    )
    decided, parsed = [], []
    gc.collect()
    for number in range(rounds):
        sample = samples[number % kept]
        decided.append(_microseconds(lambda: router.judge(sample)))  # noqa: B023 - called at once
        parsed.append(_microseconds(lambda: json.loads(body)))
    decided.sort()
    yardstick = sorted(parsed)[rounds // 2]
    p50, p99 = decided[rounds // 2], decided[int(rounds * 0.99)]
    return Line(
        characters=MIXED if length is None else f"{length:,}",
        p50_us=p50,
        p99_us=p99,
        p50_of_yardstick=p50 / yardstick,
        p99_of_yardstick=p99 / yardstick,
    )


def _microseconds(call: Callable[[], object]) -> float:
    start = time.perf_counter_ns()
    call()
    return (time.perf_counter_ns() - start) / 1000


if __name__ == "__main__":
    main()
