"""What ``pointsman savings`` shows. Pure: sums in, tables and data out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from pointsman.cli.roi.report import percent
from pointsman.cli.usage.report import short_usd
from pointsman.costs import PicoUsd, format_usd
from pointsman.costs.ratio import MIN_PAIRS
from pointsman.costs.roi import saving
from pointsman.costs.savings import REASONS
from pointsman.costs.tally import Tally

from .spared_report import spared_data, spared_report
from .sum import Savings

_NONE = {"model": "(none answered)", "key": "(no key)", "tenant": "(no tenant)"}
_WIDE = 110


def savings_tables(found: Savings, width: int) -> RenderableType:
    """One line per group, the total, where the figures come from, and what is left out; then what was saved
    otherwise."""
    parts: list[RenderableType] = []
    if found.rows:
        whole = found.total
        parts += [Text(_held_against(found)), _table(found, whole, width >= _WIDE)]
        parts += map(Text, _sentences(found, whole))
    if found.capabilities:
        parts.append(spared_report(found, width))
    return Group(*parts)


def _held_against(found: Savings) -> str:
    names = found.baselines
    if found.against is not None:
        return f"Held against {found.against}, as asked for."
    known = [f"{name}, the baseline of [auto.{route}]" for route, name in names.items() if name is not None]
    return f"Held against {'; '.join(known)}." if known else "No baseline is known."


def _table(found: Savings, whole: Tally, wide: bool) -> Table:
    rows = found.rows
    table = Table(box=SIMPLE_HEAD, show_footer=len(rows) > 1, pad_edge=False, padding=(0, 1, 0, 0))
    for number, name in enumerate(found.columns):
        table.add_column(name, footer="" if number else "total", overflow="fold")
    sums = _cells(whole, wide)
    for head in sums:
        table.add_column(head, footer=sums[head], justify="right", no_wrap=True)
    for group, tally in rows:
        labels = [group[column] or _NONE.get(column, "") for column in found.columns]
        table.add_row(*map(Text, labels), *_cells(tally, wide).values())
    return table


def _cells(tally: Tally, wide: bool) -> dict[str, str]:
    cells = {"requests": f"{tally.requests:,}", "baseline": _usd(tally.baseline)}
    if wide:
        cells |= {
            "answers": _usd(tally.answered),
            "further": _usd(tally.others),
            "shadows": _usd(tally.shadows),
            "judges": _usd(tally.judges),
        }
    cells |= {
        "paid": _usd(tally.cost),
        "saved": _usd(tally.saved),
        "": percent(saving(tally.cost, tally.baseline)),
        "not": f"{tally.left_out.requests:,}" if tally.left_out.requests else "·",
    }
    return cells


def _usd(amount: PicoUsd) -> str:
    return f"−{short_usd(-amount)}" if amount < 0 else short_usd(amount)


def _sentences(found: Savings, whole: Tally) -> list[str]:
    lines = ["", "US dollars; not: requests that could not be compared."]
    lines.append(
        f"Paid: {_usd(whole.answered)} for answers, {_usd(whole.others)} for further attempts (escalations,"
        f" repeats), {_usd(whole.shadows)} for {whole.shadow_calls:,} shadows, {_usd(whole.judges)} for"
        f" {whole.judge_calls:,} judges."
    )
    low, high = whole.bounds
    if low != high:
        why = ", by the error of the measured tokens" if whole.how.get("corrected") else ""
        lines.append(
            f"Saved: between {_usd(low)} and {_usd(high)}{why}; the less if the baseline had found in its"
            " prompt cache what was written to one."
        )
    lines += _origins(whole)
    lines += _left_out(whole)
    if found.not_routed:
        lines.append(f"{found.not_routed:,} requests named their model and are in no sum (see --all).")
    return lines


def _origins(whole: Tally) -> list[str]:
    """How the baseline's cost is known."""
    how = whole.how
    lines = []
    if count := how.get("only the baseline"):
        lines.append(f"{count:,} went to the baseline alone: they save nothing.")
    if count := how.get("escalated"):
        lines.append(f"{count:,} were escalated to it: its own cost counts.")
    if count := how.get("shadowed"):
        lines.append(f"{count:,} it answered too, unseen, as a shadow: what that cost counts.")
    if count := how.get("corrected"):
        lines.append(f"{count:,} are priced on it with tokens corrected by what labels measured.")
    if count := how.get("as it is"):
        lines.append(
            f"{count:,} are priced on it with their tokens as they are: fewer than {MIN_PAIRS} labels tell"
            " how many it would have taken, so the bounds do not cover that."
        )
    if whole.estimated:
        lines.append(f"{whole.estimated:,} are in with an estimate of usage that was never reported.")
    if whole.calls_unknown:
        lines.append(f"The cost of {whole.calls_unknown:,} shadows or judges is not known, and in no sum.")
    return lines


def _left_out(whole: Tally) -> list[str]:
    some = whole.left_out
    if not some.requests:
        return []
    cost = _with_unknown(some.cost, some.unknown)
    lines = [f"{some.requests:,} requests could not be compared; they cost {cost}:"]
    for reason in REASONS:
        if (part := whole.uncompared.get(reason)) is not None:
            lines.append(f"  {part.requests:,} {reason}: {_with_unknown(part.cost, part.unknown)}")
    return lines


def _with_unknown(cost: PicoUsd, unknown: int) -> str:
    return _usd(cost) + (f" and what {unknown:,} did cost, which is not known" if unknown else "")


def nothing_said(found: Savings, path: Path) -> str:
    """Why there is no table."""
    if found.not_routed:
        return (
            f"No request fits: {found.not_routed:,} named their model. Ask for the model auto to have it"
            ' chosen, or hold them against a model: "pointsman savings --all --against MODEL".'
        )
    return (
        f"The ledger {path} has no routed request of that time. Set up [auto.default], start the gateway with"
        " 'pointsman serve' and ask for the model auto."
    )


def savings_data(found: Savings) -> dict[str, Any]:
    """For ``--json``: costs are exact, and so strings."""
    return {
        "baselines": found.baselines,
        "rows": [group | tally_data(tally) for group, tally in found.rows],
        "total": tally_data(found.total),
        "not_routed": found.not_routed,
        **spared_data(found),
    }


def tally_data(tally: Tally) -> dict[str, Any]:
    """One line."""
    share = saving(tally.cost, tally.baseline)
    low, high = tally.bounds
    return {
        "requests": tally.requests,
        "baseline_usd": format_usd(tally.baseline),
        "paid_usd": format_usd(tally.cost),
        "answers_usd": format_usd(tally.answered),
        "further_attempts_usd": format_usd(tally.others),
        "shadows_usd": format_usd(tally.shadows),
        "judges_usd": format_usd(tally.judges),
        "shadow_calls": tally.shadow_calls,
        "judge_calls": tally.judge_calls,
        "calls_of_unknown_cost": tally.calls_unknown,
        "saved_usd": format_usd(tally.saved),
        "saved_low_usd": format_usd(low),
        "saved_high_usd": format_usd(high),
        "saving": None if share is None else float(share),
        "estimated": tally.estimated,
        "baseline_known_by": tally.how,
        "not_compared": {
            reason: {
                "requests": part.requests,
                "cost_usd": format_usd(part.cost),
                "unknown_cost": part.unknown,
            }
            for reason, part in tally.uncompared.items()
        },
    }
