"""What ``pointsman roi`` shows of one's own figures. Pure: a comparison in, tables and data out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from pointsman.catalog import Catalog, Model, lifecycle_warning
from pointsman.cli.models.report import new_table
from pointsman.costs import PER_USD, PicoUsd, UnpricedUsage, format_usd, list_price
from pointsman.costs.article import BASELINE
from pointsman.costs.roi import Blend, Roi, Shares, blends, most_of, saving
from pointsman.errors import InvalidRequest, ModelNotFound

_HUNDRED = Fraction(100)


def prices_of(
    catalog: Catalog, names: Iterable[str], tokens: tuple[int, int], at_us: int
) -> tuple[dict[str, Model], dict[str, PicoUsd]]:
    """The models of these names, and the cost of one call on each, at its list price of that moment.

    Raises:
        ModelNotFound: the catalog does not know a name; names what is near it.
        InvalidRequest: a model has no price.
    """
    models: dict[str, Model] = {}
    for name in dict.fromkeys(names):
        model = catalog.resolve(name)
        if model is None:
            near = catalog.suggest(name)
            hint = f"Near it: {', '.join(near)}." if near else "See all: pointsman models --all"
            raise ModelNotFound(f"No model {name} in the catalog. {hint}")
        models[name] = model
    try:
        return models, {name: list_price(model, *tokens, at_us) for name, model in models.items()}
    except UnpricedUsage as error:
        raise InvalidRequest(error.message, param="mix") from error


def choose_baseline(per_call: Mapping[str, PicoUsd]) -> str:
    """The article's where it is among them, else the dearest, the first of equal ones."""
    return BASELINE if BASELINE in per_call else max(per_call, key=lambda name: per_call[name])


def dollars(amount: PicoUsd | Fraction) -> str:
    """Two to four decimals, rounded half up where it has more: "7,488.00", "1.425"."""
    if amount < 0:
        return f"−{dollars(-amount)}"
    whole, rest = divmod(int((amount * 10_000 * 2 + PER_USD) // (2 * PER_USD)), 10_000)
    decimals = f"{rest:04d}".rstrip("0")
    return f"{whole:,}.{decimals:0<2}"


def percent(share: Fraction | None, decimals: int = 1) -> str:
    """Rounded half to even; "–" where there is none."""
    if share is None:
        return "–"
    scale: int = 10**decimals
    number = round(share * _HUNDRED * scale)
    whole, rest = divmod(abs(number), scale)
    sign = "−" if number < 0 else ""
    return f"{sign}{whole:,}.{rest:0{decimals}d} %" if rest else f"{sign}{whole:,} %"


def roi_tables(
    roi: Roi,
    shares: Shares,
    tokens: tuple[int, int],
    targets: Sequence[Fraction],
    models: Mapping[str, Model],
    today: date,
) -> RenderableType:
    """The models of the mix, the mix beside its baseline, and the mixes that reach each target."""
    head = (
        f"{roi.calls:,} calls of {tokens[0]:,} tokens in and {tokens[1]:,} out, at the list prices of {today}"
    )
    parts: list[RenderableType] = [Text(head, style="bold"), _lines(roi, shares), Text()]
    parts.append(Text(verdict(roi)))
    for target in targets:
        parts += [Text(), *reaching(roi, shares, target)]
    warnings = dict.fromkeys(filter(None, (lifecycle_warning(model, today) for model in models.values())))
    if warnings:
        parts += [Text(), *(Text(warning, style="dim") for warning in warnings)]
    return Group(*parts)


def _lines(roi: Roi, shares: Shares) -> Table:
    table = new_table("model")
    for name in ("share", "calls", "per 1K", "its part", "all at it", "mix saves"):
        table.add_column(name, justify="right", no_wrap=True)
    for line in roi.lines:
        table.add_row(
            Text(line.model),
            percent(shares.get(line.model, Fraction(0)), 2),
            f"{line.calls:,}",
            dollars(1000 * line.per_call),
            dollars(line.cost),
            dollars(line.alone),
            percent(saving(roi.cost, line.alone)),
        )
    table.add_section()
    table.add_row(
        "the mix", "", f"{roi.calls:,}", dollars(Fraction(1000 * roi.cost, roi.calls)), dollars(roi.cost)
    )
    return table


def verdict(roi: Roi) -> str:
    """The mix against its baseline in a sentence."""
    whole = f"Against all at {roi.baseline} (${dollars(roi.baseline_cost)}) this mix"
    if roi.saving is None:
        return f"{whole} saves nothing: that one costs nothing."
    if roi.saved < 0:
        return f"{whole} costs ${dollars(-roi.saved)} more: {percent(-roi.saving)}."
    return f"{whole} saves ${dollars(roi.saved)}: {percent(roi.saving)}."


def reaching(roi: Roi, shares: Shares, target: Fraction) -> list[Text]:
    """The mixes of these models that save so much, and how much of the dearest the given one could keep."""
    per_call = {line.model: line.per_call for line in roi.lines}
    each = per_call[roi.baseline]
    found = blends(per_call, each, target)
    aim = percent(target)
    if not found:
        cheapest = min(per_call, key=lambda name: per_call[name])
        most = percent(saving(per_call[cheapest], each))
        return [Text(f"No mix of these saves {aim}: {cheapest} alone saves {most}.")]
    lines = [Text(f"To save {aim} against {roi.baseline}:", style="bold")]
    lines += [Text(f"  {_blend(blend, per_call, each)}") for blend in found]
    dearest = max(shares, key=lambda name: per_call[name])
    limit = most_of(dearest, shares, per_call, each, target)
    if limit is not None and 0 < limit < 1 and len(shares) > 2:
        lines.append(Text(f"  this mix with at most {percent(limit, 2)} {dearest}, the others in proportion"))
    return lines


def _blend(blend: Blend, per_call: Mapping[str, PicoUsd], baseline: PicoUsd) -> str:
    if len(blend.shares) == 1:
        (name,) = blend.shares
        return f"{name} alone (saves {percent(saving(per_call[name], baseline))})"
    exact = ", ".join(f"{name} {percent(share, 2)}" for name, share in blend.shares.items())
    cheap, dear = blend.shares
    whole = -int(-blend.shares[cheap] * 100 // 1)  # up, so that it is reached
    cost = whole * per_call[cheap] + (100 - whole) * per_call[dear]
    rounded = f"{whole} to {100 - whole} saves {percent(saving(cost, 100 * baseline))}"
    return f"{exact} ({rounded})"


def roi_data(
    roi: Roi, shares: Shares, tokens: tuple[int, int], targets: Sequence[Fraction], today: date
) -> dict[str, Any]:
    """For ``--json``: money as exact decimals, shares as numbers from 0 to 1."""
    return {
        "calls": roi.calls,
        "input_tokens": tokens[0],
        "output_tokens": tokens[1],
        "prices_of": today,
        **comparison_data(roi, shares),
        "reaching": [target_data(roi, shares, target) for target in targets],
    }


def comparison_data(roi: Roi, shares: Shares) -> dict[str, Any]:
    """The models and the mix."""
    return {
        "models": [
            {
                "model": line.model,
                "share": float(shares.get(line.model, Fraction(0))),
                "calls": line.calls,
                "per_1k_calls_usd": format_usd(1000 * line.per_call),
                "cost_usd": format_usd(line.cost),
                "alone_usd": format_usd(line.alone),
                "saving_of_mix": _float(saving(roi.cost, line.alone)),
            }
            for line in roi.lines
        ],
        "mix_usd": format_usd(roi.cost),
        "baseline": roi.baseline,
        "baseline_usd": format_usd(roi.baseline_cost),
        "saved_usd": format_usd(roi.saved),
        "saving": _float(roi.saving),
    }


def target_data(roi: Roi, shares: Shares, target: Fraction) -> dict[str, Any]:
    """The mixes that reach one saving."""
    per_call = {line.model: line.per_call for line in roi.lines}
    each = per_call[roi.baseline]
    dearest = max(shares, key=lambda name: per_call[name])
    return {
        "saving": float(target),
        "mixes": [
            {name: float(share) for name, share in blend.shares.items()}
            for blend in blends(per_call, each, target)
        ],
        "most_of_dearest": {
            "model": dearest,
            "share": _float(most_of(dearest, shares, per_call, each, target)),
        },
    }


def _float(value: Fraction | None) -> float | None:
    return None if value is None else float(value)
