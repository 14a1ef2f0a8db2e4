"""The curves of the semantic cache: what is found at what cost in wrong hits, by each way to tell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from io import StringIO
from typing import Any

import matplotlib
from matplotlib.figure import Figure

from bench.semantic.judged import Judged

_SETTINGS: Any = {
    "font.family": "DejaVu Sans",
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "svg.fonttype": "none",
    "svg.hashsalt": "pointsman",
}
_COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7")
"""Those of Okabe and Ito, told apart by all eyes; with guards the line is whole, without it is dashed."""


def draw(curves: Mapping[str, Sequence[Judged]]) -> str:
    """An SVG: left the ROC curve, right precision over what is found."""
    with matplotlib.rc_context(_SETTINGS):
        figure = Figure(figsize=(11, 4.6), layout="constrained")
        left, right = figure.subplots(1, 2)
        for colour, (name, judged) in zip(_COLOURS, curves.items(), strict=False):
            for guarded in (False, True):
                points = curve(judged, guarded=guarded)
                style: Any = {
                    "color": colour,
                    "linestyle": "-" if guarded else "--",
                    "label": f"{name}, with guards" if guarded else f"{name}, plain cosine",
                }
                left.plot([wrong for _, wrong, _ in points], [found for found, _, _ in points], **style)
                right.plot([found for found, _, _ in points], [right for _, _, right in points], **style)
        left.set(xlabel="of pairs that differ, hits", ylabel="of pairs that mean the same, hits")
        right.set(xlabel="of pairs that mean the same, hits", ylabel="of hits, right", ylim=(0, 1.05))
        left.legend(frameon=False, fontsize=9)
        text = StringIO()
        figure.savefig(text, format="svg", metadata={"Date": None, "Creator": None})
    head, _, rest = text.getvalue()[text.getvalue().index("<svg") :].partition("<metadata>")
    return head + rest.partition("</metadata>")[2]


def curve(judged: Sequence[Judged], *, guarded: bool) -> list[tuple[float, float, float]]:
    """At each threshold, the highest first: found, of the same; wrong, of the others; right, of the hits."""
    same = sum(one.pair.same for one in judged)
    ranked = sorted((one for one in judged if not (guarded and one.strict)), key=lambda one: -one.similarity)
    points, found = [], 0
    for hits, one in enumerate(ranked, 1):
        found += one.pair.same
        points.append((found / same, (hits - found) / (len(judged) - same), found / hits))
    return points
