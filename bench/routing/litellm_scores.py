"""LiteLLM's two local heuristics, asked in an environment of their own: how hard is a prompt, to them?

Run as a program it is that of LiteLLM's Python: a JSON list of prompts on stdin, a list of two numbers for
each on stdout. The one of its complexity router's default heuristic is the tier and, within it, the score
that it came by; that of ``heuristic_v2`` is the tier and the chance of failure of the simplest model.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

NAMES = ("litellm_heuristic", "litellm_heuristic_v2")


def ask(python: Path, prompts: Sequence[str]) -> list[tuple[float, float]]:
    """Raises CalledProcessError where that LiteLLM is not the one that this is written for."""
    done = subprocess.run(
        [str(python), __file__], input=json.dumps(prompts), capture_output=True, text=True, check=True
    )
    return [(float(one), float(two)) for one, two in json.loads(done.stdout.splitlines()[-1])]


def answer() -> None:
    from litellm.router_strategy.adaptive_router.classifier import classify_prompt
    from litellm.router_strategy.complexity_router.complexity_router import ComplexityRouter
    from litellm.router_strategy.complexity_router.tier_predictor import (
        TierSuccessPredictor,
        resolve_tier_artifact,
    )

    router = ComplexityRouter("auto", ctx=None, derive_savings_baseline=False)
    tiers = ["SIMPLE", "MEDIUM", "COMPLEX", "REASONING"]
    artifact = resolve_tier_artifact(router.config.heuristic_v2_artifact)
    predictor = TierSuccessPredictor(artifact)
    found = []
    for prompt in json.load(sys.stdin):
        tier, score, _ = router.classify(prompt)
        forecast = predictor.predict(prompt, classify_prompt(prompt))
        first = tiers.index(tier.value) + score / 10
        found.append((first, forecast.required_tier + (1 - forecast.probabilities[1]) / 2))
    print(json.dumps(found))


if __name__ == "__main__":
    answer()
