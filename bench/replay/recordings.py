"""Recorded answers of ten models, and the models of today that stand for their tiers."""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from pathlib import Path

from pointsman.catalog import Catalog
from pointsman.chat import Message, Request, Text, Usage
from pointsman.costs import Pricer
from pointsman.routing.graded import Graded, grade_prompts
from pointsman.routing.label import Label
from pointsman.tokens import count_text, request_tokens

SETS = {"gsm": "GSM8K", "math_l5": "MATH level 5"}
TIERS = {
    "claude-3-opus-20240229": "claude-opus-5-5",
    "claude-3-sonnet-20240229": "claude-sonnet-5-5",
    "claude-3-haiku-20240307": "claude-haiku-5-5",
    "gemini-1.5-flash": "gemini-3.8-flash",
}
"""Recorded model → the one that is sold as that tier now. Answers are the old ones, prices today's."""
OPUS, SONNET, HAIKU, FLASH = TIERS.values()
EARLIER = {
    "one generation ago": {
        OPUS: "claude-opus-4-8",
        SONNET: "claude-sonnet-4-6",
        HAIKU: "claude-haiku-4-5",
        FLASH: "gemini-2.5-flash",
    },
    "when they were recorded": {today: then for then, today in TIERS.items()},
}
"""Whose prices are taken instead, to see how much hangs on them."""


@dataclass(frozen=True)
class Recording:
    """One prompt, and what each model (by its name of today) said."""

    id: str
    split: str
    prompt: str
    question: str
    texts: dict[str, str]
    correct: dict[str, bool]


def read(folder: Path, name: str) -> list[Recording]:
    found = []
    with gzip.open(folder / "replay" / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            known = {TIERS[model]: answer for model, answer in row["answers"].items() if model in TIERS}
            found.append(
                Recording(
                    row["id"],
                    row["split"],
                    row["prompt"],
                    row["question"],
                    {model: answer["text"] for model, answer in known.items()},
                    {model: bool(answer["correct"]) for model, answer in known.items()},
                )
            )
    return found


def graded(recordings: list[Recording]) -> list[Graded]:
    """As labels have them; tokens are those of the whole recorded texts, counted by ``pointsman.tokens``."""
    return grade_prompts(
        Label(
            prompt=each.prompt,
            model=model,
            score=float(each.correct[model]),
            id=each.id,
            input_tokens=request_tokens(Request("", (Message("user", (Text(each.prompt),)),))),
            output_tokens=count_text(text),
            answer=text,
        )
        for each in recordings
        for model, text in each.texts.items()
    )


def prices(
    catalog: Catalog, at_us: int, instead: dict[str, str] | None = None
) -> dict[str, tuple[float, float]]:
    """By model of today, USD for one token of input and of output."""
    found = {}
    for model in TIERS.values():
        priced = catalog.resolve((instead or {}).get(model, model))
        assert priced is not None
        pricer = Pricer(priced)
        many = 1_000
        found[model] = (
            pricer.price(Usage(input=many), at_us) / many / 1e12,
            pricer.price(Usage(output=many), at_us) / many / 1e12,
        )
    return found
