"""The figures of ``bench.routing`` as tables in Markdown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from bench.routing.study import Halves
from pointsman.routing.evidence.evaluation import Evaluation, Pair


class Found(msgspec.Struct, frozen=True):
    """Of one pool on one set of prompts."""

    name: str
    models: tuple[str, ...]
    crossed: Evaluation
    """Each prompt judged by what was learned from others."""
    test: Evaluation | None
    """The split that is never trained on; None where it has fewer than 100 prompts."""
    halves: Halves


ORDERS = (
    ("router", "router"),
    ("group prior", "group_prior"),
    ("length", "length"),
    ("keywords", "keywords"),
    ("LiteLLM", "litellm_heuristic"),
    ("LiteLLM v2", "litellm_heuristic_v2"),
    ("oracle", "oracle"),
)


def table(results: Sequence[Found], elsewhere: Mapping[str, float | None]) -> str:
    parts = [_orders(results), _held_out(results), _halves(results), _singles(results), _tiers(results)]
    if elsewhere:
        rows = [[name, _number(apgr)] for name, apgr in elsewhere.items()]
        parts.append(_rows(["trained on other sets only", "APGR"], rows))
    return "\n\n".join(parts)


def _orders(results: Sequence[Found]) -> str:
    """APGR on all prompts, each judged by what was learned from others."""
    rows = []
    for one in results:
        for pair in one.crossed.pairs:
            name = one.name if len(one.models) == 2 else f"{one.name}: {pair.weak}"
            router = pair.contenders["router"]
            low, high = router.apgr_interval or (None, None)
            area = [_apgr(pair, key) for _, key in ORDERS]
            area[0] += f" ({_number(low)}–{_number(high)})" if low is not None else ""
            rows.append(
                [name, f"{one.crossed.prompts:,}", *area, f"{pair.reliability.ece:.3f}", _verdict(pair)]
            )
    return _rows(["APGR, crossed", "prompts", *(head for head, _ in ORDERS), "ECE", ""], rows)


def _verdict(pair: Pair) -> str:
    if pair.no_gap:
        return "no gap"
    prior = pair.contenders.get("group_prior")
    if pair.no_signal:
        return "no signal"
    if prior is not None and prior.behind is not None and prior.behind[0] <= 0:
        return "not shown above group prior"
    return ""


def _held_out(results: Sequence[Found]) -> str:
    rows = []
    for one in results:
        if one.test is None:
            continue
        pair = one.test.pairs[0]
        router = pair.contenders["router"]
        low, high = router.apgr_interval or (None, None)
        interval = "" if low is None else f" ({_number(low)}–{_number(high)})"
        rows.append(
            [
                one.name,
                f"{one.test.prompts:,}",
                _number(router.apgr) + interval,
                _number(router.cpt50),
                _number(router.cpt80),
                _apgr(pair, "group_prior"),
                f"{pair.reliability.ece:.3f}",
            ]
        )
    heads = ["test split", "prompts", "APGR", "CPT50", "CPT80", "group prior", "ECE"]
    return _rows(heads, rows)


def _halves(results: Sequence[Found]) -> str:
    rows = [
        [
            one.name,
            f"{one.crossed.prompts // 2:,}",
            f"{one.halves.certified:.0%}",
            f"{one.halves.missed:.1%}",
            f"{one.halves.missed_truly:.1%}",
            f"{one.halves.tuned_missed:.0%}",
            f"{one.halves.quality:.2%}",
            f"{one.halves.saving['5']:.1%}",
            f"{one.halves.saving['18.75']:.1%}",
            f"{one.crossed.pairs[0].contenders['router'].saving_98['5']:.1%}",
        ]
        for one in results
    ]
    heads = [
        "certified at 98 %",
        "labels",
        "certified",
        "missed",
        "missed in truth",
        "tuned missed",
        "quality",
    ]
    return _rows([*heads, "saving 5:1", "saving 18.75:1", "curve 5:1"], rows)


def _singles(results: Sequence[Found]) -> str:
    rows = [
        [one.name, single.model, f"{single.quality:.3f}", single.dominated_by or ""]
        for one in results
        for single in one.crossed.singles
    ]
    return _rows(["alone", "model", "score", "dominated by"], rows)


def _tiers(results: Sequence[Found]) -> str:
    """Pools of three: the router beside the best random mix of two models, at the same cost."""
    rows = []
    for one in results:
        places = [place for place in one.crossed.frontier if place.mix is not None]
        for cost in (0.3, 0.5, 0.7, 0.9):
            if len(one.models) > 2 and places:
                near = min(places, key=lambda place: abs(place.cost - cost))
                rows.append([one.name, f"{near.cost:.0%}", f"{near.quality:.3f}", f"{near.mix or 0:.3f}"])
    return _rows(["three tiers, at 5:1", "cost", "score of the router", "of the best mix of two"], rows)


def _apgr(pair: Pair, name: str) -> str:
    return _number(pair.contenders[name].apgr) if name in pair.contenders else "–"


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}".replace("0.", ".", 1) if value < 1 else f"{value:.2f}"


def _rows(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}"]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows)])
