"""Pictures of an evaluation: what an order of prompts recovers, and what policies cost and keep."""

from __future__ import annotations

from io import BytesIO, StringIO
from typing import Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from .certificate import Certificate, Refused
from .evaluation import Evaluation, Pair

_STYLE = {
    "router": ("this router", "#0072B2", "-", 2.6),
    "group_prior": ("group prior", "#009E73", "--", 1.6),
    "length": ("length of the prompt", "#E69F00", "-.", 1.6),
    "keywords": ("keywords", "#CC79A7", (0, (1, 1)), 1.8),
    "random": ("a coin", "#666666", ":", 1.4),
    "oracle": ("oracle (knows the answers)", "#000000", (0, (6, 2)), 1.0),
}
"""Words, colour (those of Okabe and Ito, told apart by all eyes), dashes and width. Each differs in all."""

_SETTINGS: Any = {
    "font.family": "DejaVu Sans",
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "svg.fonttype": "none",
    "svg.hashsalt": "pointsman",
}


def draw(evaluation: Evaluation, certified: Certificate | Refused) -> tuple[bytes, str]:
    """A PNG, and the same as SVG for a page. Left the weakest model with the baseline, right all models."""
    with matplotlib.rc_context(_SETTINGS):
        figure = Figure(figsize=(13, 6), layout="constrained")
        left, right = figure.subplots(1, 2)
        _recovered(left, evaluation.pairs[0])
        _kept(right, evaluation, certified)
        picture, vector = BytesIO(), StringIO()
        figure.savefig(picture, format="png", dpi=150)
        figure.savefig(vector, format="svg", metadata={"Date": None, "Creator": None})
    text = vector.getvalue()
    head, _, rest = text[text.index("<svg") :].partition("<metadata>")
    return picture.getvalue(), head + rest.partition("</metadata>")[2]


def _recovered(axes: Axes, pair: Pair) -> None:
    axes.set_title(f"Gap in quality recovered\n{_short(pair.weak)} → {_short(pair.strong)}", loc="left")
    axes.set_xlabel(f"share of prompts sent to {_short(pair.strong)}")
    axes.set_ylabel("part of the gap in quality recovered (PGR)")
    axes.set_xlim(0, 1)
    axes.xaxis.set_major_formatter(_percent)
    axes.yaxis.set_major_formatter(_percent)
    if pair.no_gap:
        words = f"No gap: {_short(pair.strong)} is not shown\nto be better than {_short(pair.weak)} here."
        axes.text(0.5, 0.5, words, ha="center", va="center", transform=axes.transAxes)
        return
    shares = [at / 100 for at in range(101)]
    for name, (words, colour, dashes, width) in _STYLE.items():
        one = pair.contenders.get(name)
        if one is not None and one.apgr is not None:
            label = f"{words}: APGR {one.apgr:.3f}"
            axes.plot(shares, one.heights, color=colour, linestyle=dashes, linewidth=width, label=label)
    top = max(1.0, *pair.contenders["router"].heights) + 0.3
    axes.set_ylim(-0.05, top)
    axes.grid(alpha=0.25)
    axes.legend(loc="lower right", frameon=False)


def _kept(axes: Axes, evaluation: Evaluation, certified: Certificate | Refused) -> None:
    axes.set_title(f"Cost and quality\nat {evaluation.prices}", loc="left")
    axes.set_xlabel(f"cost, as a part of {_short(evaluation.models[-1])} alone")
    axes.set_ylabel("mean score")
    axes.xaxis.set_major_formatter(_percent)
    places = [place for place in evaluation.frontier if place.cost <= 1.001]
    cost = [place.cost for place in places]
    mixes = [(place.cost, place.mix) for place in places if place.mix is not None]
    axes.plot(
        *zip(*mixes, strict=True), color="#666666", linestyle=":", linewidth=1.4, label="best mix of two"
    )
    quality = [place.quality for place in places]
    axes.plot(cost, quality, color="#0072B2", linewidth=2.6, label="this router, any threshold")
    strong = evaluation.singles[-1]
    floor = certified.floor if isinstance(certified, Certificate) else 0.98
    axes.axhline(floor * strong.quality, color="#D55E00", linewidth=1, linestyle="--")
    at = (0.02, floor * strong.quality)
    axes.annotate(f"floor: {floor:.0%} of the baseline", at, (0, 4), textcoords="offset points",
                  color="#D55E00", ha="left")  # fmt: skip
    for one in evaluation.singles:
        colour = "#999999" if one.dominated_by else "#000000"
        axes.errorbar([one.cost], [one.quality], [1.96 * one.error], fmt="o", color=colour, capsize=3)
        words = _short(one.model) + (" (dominated)" if one.dominated_by else "")
        side, across = ("right", -8) if one.cost > 0.6 else ("left", 8)
        away = (across, 8 if one is strong else -14)
        axes.annotate(words, (one.cost, one.quality), away, textcoords="offset points", color=colour, ha=side)
    if isinstance(certified, Certificate):
        near = min(places, key=lambda place: abs(place.threshold - certified.threshold))
        words = "certified" if certified.saving is None else f"certified: saves {certified.saving.value:.1%}"
        axes.plot([near.cost], [near.quality], "*", color="#D55E00", markersize=18, label=words)
    else:
        axes.plot([], [], " ", label="nothing is certified: all goes to the baseline")
    axes.grid(alpha=0.25)
    axes.set_xlim(0, 1.05)
    axes.legend(loc="lower right", frameon=False)


def _percent(value: float, _: object) -> str:
    return f"{value:.0%}"


def _short(model: str) -> str:
    name = model.rpartition("/")[2]
    return name if len(name) <= 28 else f"{name[:27]}…"
