"""A report as one HTML page: no script, nothing loaded from elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from .certificate import Certificate, Refused
from .certificate_text import certificate_text, refusal_text
from .evaluation import Contender, Evaluation, Pair

_CSS = """body{font:16px/1.5 system-ui,sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem;
color:#1a1a1a;background:#fff}
svg{width:100%;height:auto}table{border-collapse:collapse;margin:1rem 0}
th,td{padding:.3rem .8rem;border-bottom:1px solid #ccc;text-align:right}
th:first-child,td:first-child{text-align:left}
.certified{border-left:.4rem solid #009e73;padding:.1rem 1rem}
.refused{border-left:.4rem solid #d55e00;padding:.1rem 1rem}small{color:#555}"""

_NAMES = {
    "router": "this router",
    "random": "a coin",
    "length": "length of the prompt",
    "keywords": "keywords",
    "group_prior": "group prior",
    "oracle": "oracle (knows the answers)",
}

_WORDS = """PGR: part of the gap in mean score between the two models that is recovered. APGR: its mean over
all shares, .5 for a coin. CPT50: share of prompts that must go to the stronger model to recover half of the
gap. Intervals of 95 % by a paired bootstrap. Curves are read on these prompts and so optimistic; what
holds is the certificate, as long as traffic is like these prompts."""


def page(evaluation: Evaluation, certified: Certificate | Refused, picture: str, labels: str) -> str:
    """
    Args:
        picture: an SVG element.
        labels: the name of the file that this is from.
    """
    good = isinstance(certified, Certificate)
    words = (
        certificate_text(certified)
        if isinstance(certified, Certificate)
        else refusal_text(certified, evaluation.models[-1])
    )
    parts = [
        f"<h1>Routing between {escape(', '.join(evaluation.models))}</h1>",
        f"<p>{evaluation.prompts:,} prompts of {escape(labels)}, each scored for all models.</p>",
        f'<div class="{"certified" if good else "refused"}">{_lines(words)}</div>',
        picture,
        *(_pair(pair) for pair in evaluation.pairs),
        _singles(evaluation),
        f"<p><small>{_WORDS}</small></p>",
    ]
    title = "Routing: cost and quality"
    head = f'<meta charset="utf-8"><title>{title}</title><style>{_CSS}</style>'
    return f'<!doctype html>\n<html lang="en"><head>{head}</head><body>{"".join(parts)}</body></html>\n'


def _lines(words: Sequence[str]) -> str:
    return "".join(f"<p>{escape(line)}</p>" for line in words)


def _pair(pair: Pair) -> str:
    head = f"<h2>{escape(pair.weak)} or {escape(pair.strong)}</h2>"
    gap = f"<p>Gap in mean score: {pair.gap.value:+.3f} (standard error {pair.gap.error:.3f}).</p>"
    if pair.no_gap:
        words = "No gap: there is nothing to recover, as the strong one is not shown to be better."
        return f"{head}{gap}<p>{words}</p>"
    signal = "<p>No signal: the router is not shown to be better than a coin.</p>" if pair.no_signal else ""
    rows = [_row(name, one) for name, one in pair.contenders.items()]
    table = _table(("order of prompts", "APGR", "95 %", "CPT50", "CPT80", "router ahead by"), rows)
    chance = f"ECE {pair.reliability.ece:.3f}, Brier {pair.reliability.brier:.3f}"
    return f"{head}{gap}{signal}{table}<p>Chance that {escape(pair.weak)} answers well: {chance}.</p>"


def _row(name: str, one: Contender) -> tuple[str, ...]:
    low, high = one.apgr_interval or (0.0, 0.0)
    behind = "" if one.behind is None or name == "router" else f"{one.behind[0]:+.3f} to {one.behind[1]:+.3f}"
    return (
        _NAMES.get(name, name),
        f"{one.apgr or 0:.3f}",
        "" if one.apgr_interval is None else f"{low:.3f} to {high:.3f}",
        f"{one.cpt50 or 0:.1%}",
        f"{one.cpt80 or 0:.1%}",
        behind,
    )


def _singles(evaluation: Evaluation) -> str:
    rows = [
        (one.model, f"{one.quality:.3f}", f"{one.error:.3f}", f"{one.cost:.1%}", one.dominated_by or "")
        for one in evaluation.singles
    ]
    heads = ("model alone", "mean score", "standard error", "cost to the baseline", "dominated by")
    return f"<h2>Each model alone, at {escape(evaluation.prices)}</h2>{_table(heads, rows)}"


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    head = "".join(f"<th>{escape(cell)}</th>" for cell in heads)
    body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
