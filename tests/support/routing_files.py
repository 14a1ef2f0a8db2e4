"""A file of labels and a router that was trained on others like them."""

from __future__ import annotations

from pathlib import Path

import msgspec

from pointsman.routing.features import featurise
from pointsman.routing.label import Label
from pointsman.routing.training import Example, train
from tests.support.routing_tables import MODELS, prompts


def write_labels(path: Path, count: int, seed: int, route: str = "") -> Path:
    lines = [
        msgspec.json.encode(
            Label(
                prompt=one.sample.text,
                model=model,
                score=score,
                id=one.id,
                group=one.group,
                route=route,
                input_tokens=20,
                output_tokens=100,
            )
        )
        for one in prompts(count, seed)
        for model, score in one.scores.items()
    ]
    path.write_bytes(b"\n".join(lines) + b"\n")
    return path


def write_router(path: Path, models: tuple[str, ...] = MODELS) -> Path:
    examples = [Example(featurise(one.sample), one.scores) for one in prompts(600, seed=77)]
    path.write_bytes(train(examples, models).encode())
    return path
