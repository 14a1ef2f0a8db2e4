"""What ``pointsman route evaluate`` shows. Pure: what was found in, tables and data out."""

from __future__ import annotations

from typing import Any

import msgspec
from rich.box import SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from pointsman.routing.evidence import Certificate
from pointsman.routing.evidence.bootstrap import Interval
from pointsman.routing.evidence.certificate_text import certificate_text, refusal_text
from pointsman.routing.evidence.evaluation import Contender, Pair
from pointsman.routing.evidence.frontier import Single

from .examined import Examined

NAMES = {
    "router": "this router",
    "random": "a coin",
    "length": "length of the prompt",
    "keywords": "keywords",
    "group_prior": "group prior",
    "oracle": "oracle (knows the answers)",
}


def as_data(found: Examined) -> dict[str, Any]:
    """For ``--json``. What stands at the top is of the weakest model with the baseline; ``pairs`` has all."""
    pairs = [_pair_data(pair) for pair in found.evaluation.pairs]
    return {
        "labels": found.labels,
        "router": found.router,
        "prompts": found.evaluation.prompts,
        "models": list(found.evaluation.models),
        **pairs[0],
        "certified_saving": found.saving,
        "certified": {
            "certified": isinstance(found.certified, Certificate),
            **msgspec.to_builtins(found.certified),
        },
        "prices": found.evaluation.prices,
        "single_models": msgspec.to_builtins(found.evaluation.singles),
        "frontier": [
            {"cost": place.cost, "quality": place.quality, "best_mix": place.mix}
            for place in found.evaluation.frontier
        ],
        "pairs": pairs,
    }


def _pair_data(pair: Pair) -> dict[str, Any]:
    contenders = {name: _contender_data(one) for name, one in pair.contenders.items()}
    return {
        "weak": pair.weak,
        "strong": pair.strong,
        "gap": pair.gap.value,
        "gap_error": pair.gap.error,
        "no_gap": pair.no_gap,
        "no_signal": pair.no_signal,
        "ece": pair.reliability.ece,
        "brier": pair.reliability.brier,
        "reliability": [list(one) for one in pair.reliability.bins],
        "curve": [list(place) for place in pair.curve],
        **contenders.pop("router"),
        **contenders,
    }


def _contender_data(one: Contender) -> dict[str, Any]:
    return {
        "apgr": one.apgr,
        "cpt50": one.cpt50,
        "cpt80": one.cpt80,
        "intervals": {"apgr": one.apgr_interval, "cpt50": one.cpt50_interval, "cpt80": one.cpt80_interval},
        "router_ahead": one.behind,
        "saving_at_98_on_the_curve": one.saving_98,
    }


def tables(found: Examined) -> RenderableType:
    evaluation = found.evaluation
    parts: list[RenderableType] = [
        Text(f"{evaluation.prompts:,} prompts with a score of each of {', '.join(evaluation.models)}")
    ]
    for pair in evaluation.pairs:
        parts += [Text(f"\n{pair.weak} or {pair.strong}", style="bold"), *_pair(pair)]
    parts += [Text(f"\nEach model alone, at {evaluation.prices}", style="bold"), _singles(evaluation.singles)]
    certified = found.certified
    lines = (
        certificate_text(certified)
        if isinstance(certified, Certificate)
        else refusal_text(certified, evaluation.models[-1])
    )
    parts += [Text("\nWhat these labels certify", style="bold"), *map(Text, lines)]
    savings = (f"{saving:.1%} at {ratio}:1" for ratio, saving in found.saving.items())
    parts.append(Text(f"Certified saving by price ratio: {', '.join(savings)}."))
    return Group(*parts)


def _pair(pair: Pair) -> list[RenderableType]:
    gap = (
        f"{pair.strong} scores {pair.gap.value:+.3f} (standard error {pair.gap.error:.3f}) over {pair.weak}."
    )
    if pair.no_gap:
        return [Text(f"{gap} No gap: there is nothing to recover, as it is not shown to be better.")]
    made = Table(box=SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    made.add_column("order of prompts")
    for head in ("APGR", "95 %", "CPT50", "CPT80", "router ahead by"):
        made.add_column(head, justify="right", no_wrap=True)
    for name, one in pair.contenders.items():
        made.add_row(
            NAMES.get(name, name),
            _number(one.apgr),
            _interval(one.apgr_interval),
            _share(one.cpt50),
            _share(one.cpt80),
            "" if name == "router" else _interval(one.behind, "+"),
        )
    chance = pair.reliability
    words = f"Chance that {pair.weak} answers well: ECE {chance.ece:.3f}, Brier {chance.brier:.3f}."
    signal = "No signal: the router is not shown to be better than a coin. " if pair.no_signal else ""
    return [Text(gap), made, Text(signal + words)]


def _singles(singles: tuple[Single, ...]) -> Table:
    made = Table(box=SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    made.add_column("model")
    for head in ("mean score", "± error", "cost to baseline"):
        made.add_column(head, justify="right", no_wrap=True)
    made.add_column("")
    for one in singles:
        worse = "" if one.dominated_by is None else f"drop it: {one.dominated_by} is as good for less"
        made.add_row(one.model, f"{one.quality:.3f}", f"{one.error:.3f}", f"{one.cost:.3f}", worse)
    return made


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.1%}"


def _interval(value: Interval | None, sign: str = "") -> str:
    return "" if value is None else f"{value[0]:{sign}.3f} to {value[1]:{sign}.3f}"
