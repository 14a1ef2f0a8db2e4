"""Labels with answers, for cascades of two small models and a large one."""

from __future__ import annotations

import json
from pathlib import Path

from pointsman.routing.labels.kept import Labelled, Mark, Prompt

SMALL, OTHER, LARGE = "claude-haiku-4-5", "gpt-4o-mini", "claude-opus-4-5"
SETTINGS = f"""
[storage]
path = "a.db"

[auto.default]
policy = "cascade"
pool = ["{SMALL}", "{OTHER}", "{LARGE}"]
min_labels = 300

[auto.default.grader]
extract = "number"
"""


def label_lines(count: int, *, wrong: int = 0, differ: int = 0) -> list[str]:
    """Of as many prompts: ``wrong`` where the small ones agree, ``differ`` where they do not."""
    lines = []
    for number in range(count):
        small = number + 1 if number < wrong else number
        other = small + 7 if number >= count - differ else small
        for model, said in ((SMALL, small), (OTHER, other), (LARGE, number)):
            lines.append(
                json.dumps(
                    {
                        "prompt": f"What is {number}?",
                        "model": model,
                        "score": float(said == number),
                        "answer": f"It is {said}.",
                        "input_tokens": 100,
                        "output_tokens": 50,
                    }
                )
            )
    return lines


def shadowed(count: int, digest: str, *, wrong: int = 0, differ: int = 0) -> list[Labelled]:
    """The same, as shadows of the route tell it; the small ones cost 3 and the large one 20."""
    found = []
    for number in range(count):
        escalated = number >= count - differ
        answers = f"large-{number}" if escalated else f"small-{number}"
        score, cost = float(number >= wrong), 23 if escalated else 3
        marks = (
            Mark(LARGE, 1.0, "shadow", number, cost=20, answer=f"large-{number}"),
            Mark(digest, score, "shadow", number, cost=cost, answer=answers),
        )
        found.append(Labelled(Prompt(f"req_{number}", "default", "", number, None), marks))
    return found


def write_labels(path: Path, lines: list[str]) -> Path:
    path.write_text("\n".join(lines), encoding="utf-8")
    return path
