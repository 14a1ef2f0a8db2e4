"""What ``pointsman route explain`` shows. Pure: a view as ``GET /v1/requests/ID`` has it in, text out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any


def explain_text(view: Mapping[str, Any]) -> str:
    return "\n".join(_lines(view))


def _lines(view: Mapping[str, Any]) -> Iterator[str]:
    yield f"{view['model']}: {view['explanation']} ({view['policy']}, {view['reason']})."
    if view["cascade"]:
        yield f"Cascade: {view['cascade']}."
    if view["threshold"] is not None:
        on = f", on {view['labels']:,} labels" if view.get("labels") else ""
        yield f"Certificate {view['certificate']}: losses below {view['threshold']:.3f}{on}."
    if view["familiarity"] is not None:
        yield f"Familiarity of the prompt: {view['familiarity']:.2f} of 1."
    yield ""
    width = max(len(model["model"]) for model in view["models"])
    for model in view["models"]:
        parts = [
            _part("answers well", model["probability"], "{:.1%}"),
            _part("expected loss", model["expected_loss"], "{:.3f}"),
            _part("expected cost", model["expected_cost_usd"], "${}"),
            _part("would have cost", model["would_have_cost_usd"], "${}"),
        ]
        yield f"  {model['model']:<{width}}  " + ", ".join(part for part in parts if part)
    if view["contributions"] is not None:
        weaker = view["model"] if view["model"] != view["baseline"] else view["models"][0]["model"]
        yield ""
        yield f"For {weaker} (+) or the baseline (-):"
        for each in view["contributions"]:
            yield f"  {each['weight']:+8.3f}  {each['name']}"


def _part(name: str, value: Any, shape: str) -> str:
    return "" if value is None else f"{name} {shape.format(value)}"
