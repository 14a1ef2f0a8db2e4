"""The act of the routing on a terminal: who can do what, how far it is, what is certified, what it saves."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from pointsman.costs import parse_usd
from pointsman.demo.stage.figures import dollars
from pointsman.demo.stage.plane import Mark, plane
from pointsman.simulator.exercises import MIX, WORDS

from .ask import Counter
from .routing import BASELINE, FLOOR, LEARNED, SKILLS, STRONG, WEAK, KindReport, Lane, LaneReport
from .told import CertificateTold, RouteTold, SavingsTotal

GOOD, BAD = "green", "red"
_LUNA, _SOL = (model.rpartition("-")[2] for model in (WEAK, STRONG))
"""Where there is little room."""
_SIGNS = "SLCKW"
"""Of the lanes, in their order, on the plane."""
_STYLES = ("bold", f"bold {GOOD}", "bold cyan", "bold magenta", "bold")


class RoutingReport(msgspec.Struct, frozen=True):
    """What came of the act."""

    learning_requests: int
    learning_errors: int
    labelled_prompts: int
    learning_cost: int
    """Picodollars: of the answers while the route learned."""
    shadows_cost: int
    """Picodollars: of the shadows meanwhile."""
    route: RouteTold
    lanes: tuple[LaneReport, ...]
    kinds: tuple[KindReport, ...]
    """What the learned lane did, by kind."""
    savings: SavingsTotal
    """What the ledger says of the route, from its first request on."""
    floor: float = FLOOR
    skills_are_simulated: bool = True


def skills_table() -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 1), header_style="underline")
    table.add_column("answered rightly", no_wrap=True)
    for name in (WEAK, STRONG, "of the prompts"):
        table.add_column(name, justify="right", no_wrap=True)
    whole = sum(MIX.values())
    for kind, weight in MIX.items():
        shares = [f"{SKILLS[model][kind]:.1%}" for model in (WEAK, STRONG)]
        table.add_row(WORDS[kind], *shares, f"{weight / whole:.0%}")
    return table


def learning(counter: Counter, labelled: int, spent: int, daily: float) -> RenderableType:
    """The first part as it is now. Money in picodollars."""
    table = Table(box=None, pad_edge=False, padding=(0, 1), expand=True)
    table.add_column(no_wrap=True)
    table.add_column(ratio=1)
    for _ in range(3):
        table.add_column(justify="right", no_wrap=True)
    table.add_row(
        STRONG,
        ProgressBar(total=counter.all, completed=counter.done, complete_style=GOOD),
        f"{counter.done:,}/{counter.all:,}",
        f"{labelled:,} labelled",
        f"shadows {dollars(spent)} of ${daily:g} a day",
    )
    return table


def certificate_panel(told: RouteTold) -> RenderableType:
    certificate = told.proposed
    if certificate is None or not told.applied:
        reason = told.refused or "It was not put in service."
        return Panel(
            Text.assemble((f"Nothing is certified, so everything stays on {STRONG}. ", "bold"), reason),
            border_style=BAD,
            title="No certificate",
            title_align="left",
        )
    return Panel(
        _certificate(told, certificate),
        border_style=GOOD,
        title=f"Certificate {certificate.certificate}",
        title_align="left",
    )


def _certificate(told: RouteTold, certificate: CertificateTold) -> Text:
    kept, saved = certificate.quality, certificate.saving
    text = Text()
    text.append(f"At least {certificate.floor:.0%} of {STRONG}'s quality", style="bold")
    text.append(f", with {certificate.confidence:.0%} confidence.\n")
    text.append(
        f"Learned from {told.learned_from or 0:,} prompts, tested on {certificate.labels:,} others: "
        f"kept {kept.value:.1%} ({kept.low:.1%} to {kept.high:.1%}).\n"
    )
    text.append(
        f"{certificate.shares[WEAK]:.0%} of them go to {WEAK}: where it is expected to lose less than "
        f"{certificate.threshold:.2f} of a right answer.\n"
    )
    if saved is not None:
        text.append(f"Expected saving {saved.value:.1%} ({saved.low:.1%} to {saved.high:.1%}); ")
    text.append(f"valid until {certificate.expires_at:%Y-%m-%d}.")
    return text


def racing(lanes: Sequence[Lane], counters: Sequence[Counter]) -> RenderableType:
    """All lanes as they are now, on the prompts that all have answered."""
    table = Table(box=None, pad_edge=False, padding=(0, 1), expand=True)
    table.add_column(no_wrap=True)
    table.add_column(ratio=1)
    for name in ("sent", "right", f"of {_SOL}'s", "cost", "saved"):
        table.add_column(name, justify="right", no_wrap=True)
    common = set(counters[0].sent).intersection(*(counter.sent for counter in counters[1:]))
    sums = [_on(counter, common) for counter in counters]
    for lane, counter, (right, cost) in zip(lanes, counters, sums, strict=True):
        table.add_row(
            lane.name,
            ProgressBar(total=counter.all, completed=counter.done, complete_style=GOOD),
            f"{counter.done:,}/{counter.all:,}",
            f"{right / len(common):.1%}" if common else "–",
            _kept(right, sums[BASELINE][0]),
            dollars(cost),
            _saved(cost, sums[BASELINE][1]),
        )
    return table


def _on(counter: Counter, positions: set[int]) -> tuple[int, int]:
    """Right answers and cost on these prompts."""
    sent = [counter.sent[at] for at in positions]
    return sum(each.right for each in sent), sum(each.cost for each in sent)


def _kept(right: int, baseline: int) -> Text:
    if not baseline:
        return Text("–")
    kept = right / baseline
    return Text(f"{kept:.1%}", style=GOOD if kept >= FLOOR else BAD)


def _saved(cost: int, baseline: int) -> str:
    return f"{1 - cost / baseline:.1%}" if baseline else "–"


def _more_or_less(saving: float) -> str:
    return f"{saving:.1%} less" if saving >= 0 else f"{-saving:.1%} more"


def picture(report: RoutingReport, width: int) -> RenderableType:
    """The plane, the figures, what the router found, and what the ledger says."""
    columns = min(width, 100)
    baseline = report.lanes[BASELINE]
    marks = [
        Mark(sign, lane.cost / baseline.cost, lane.right / baseline.right, style)
        for sign, style, lane in zip(_SIGNS, _STYLES, report.lanes, strict=True)
        if baseline.cost and baseline.right
    ]
    ours = [marks[LEARNED]] if marks else []
    others = [mark for mark in marks if mark not in ours]
    parts: list[RenderableType] = [
        Text(f"Right answers, as a share of {STRONG}'s. ┄ the floor; · coins for the same money."),
        *plane([*ours, *others], report.floor, columns, (marks[-1], marks[BASELINE]) if marks else None),
        Text(f"{'':8}Cost, as a share of {STRONG}'s.", style="dim"),
        Text(),
        Text(verdict(report), style="bold"),
        Text(),
        figures(report.lanes),
        Text("a coin: how good a mix of both models by chance would be for the same money.", style="dim"),
        Text(),
    ]
    if report.route.weak_share(WEAK) is not None:
        parts += [kinds_table(report.kinds), Text()]
    return Group(*parts, Text(ledger_sentence(report)))


def verdict(report: RoutingReport) -> str:
    """Whether the floor held on the new prompts, in a sentence."""
    ours, baseline = report.lanes[LEARNED], report.lanes[BASELINE]
    if report.route.weak_share(WEAK) is None:
        return f"Nothing is certified, so the route saves nothing and is as good as {STRONG}."
    if not baseline.right or not baseline.cost:
        return f"{STRONG} gave no right answer to hold others against."
    kept, saved = ours.right / baseline.right, _more_or_less(1 - ours.cost / baseline.cost)
    said = f"{kept:.1%} of {STRONG}'s right answers, for {saved} money"
    if kept >= report.floor:
        return f"The floor held: {said}."
    return (
        f"Below the floor on these prompts: {said}. A certificate promises the mean of all traffic, "
        "and in 95 of 100 cases."
    )


def figures(lanes: Sequence[LaneReport]) -> Table:
    """A row for each lane."""
    table = Table(box=None, pad_edge=False, padding=(0, 1), header_style="underline")
    table.add_column("", no_wrap=True)
    table.add_column("", no_wrap=True)
    for name in (f"to {_LUNA}", "right", f"of {_SOL}'s", "a coin", "cost", "saved"):
        table.add_column(name, justify="right", no_wrap=True)
    baseline = lanes[BASELINE]
    for sign, style, lane in zip(_SIGNS, _STYLES, lanes, strict=True):
        errors = f" ({lane.errors} errors)" if lane.errors else ""
        table.add_row(
            Text(sign, style=style),
            f"{lane.name}{errors}",
            f"{lane.to_weak / lane.requests:.0%}" if lane.requests else "–",
            f"{lane.quality:.1%}",
            _kept(lane.right, baseline.right),
            _coin(lane, baseline, lanes[-1]),
            dollars(lane.cost),
            _saved(lane.cost, baseline.cost),
        )
    return table


def _coin(lane: LaneReport, strong: LaneReport, weak: LaneReport) -> str:
    """How good a mix of both models by chance would be for the money of the lane, as a share of the strong
    one's right answers. On average: this is a line, and no throw of coins."""
    if strong.cost == weak.cost or not strong.right:
        return "–"
    share = (lane.cost - weak.cost) / (strong.cost - weak.cost)
    return f"{(weak.right + share * (strong.right - weak.right)) / strong.right:.1%}"


def kinds_table(kinds: Sequence[KindReport]) -> Table:
    """What the router found, which nobody has told of kinds."""
    table = Table(box=None, pad_edge=False, padding=(0, 1), header_style="underline")
    table.add_column("what the router found", no_wrap=True)
    for name in ("prompts", f"to {_LUNA}", "right", f"{_SOL} alone"):
        table.add_column(name, justify="right", no_wrap=True)
    for kind in kinds:
        if kind.requests:
            table.add_row(
                WORDS[kind.kind],
                f"{kind.requests:,}",
                f"{kind.to_weak / kind.requests:.0%}",
                f"{kind.right / kind.requests:.1%}",
                f"{kind.baseline_right / kind.requests:.1%}",
            )
    return table


def ledger_sentence(report: RoutingReport) -> str:
    """What ``pointsman savings`` says of all that the route was sent, the time of learning included."""
    total = report.savings
    held = "" if total.saving is None else f": {_more_or_less(total.saving)}"
    return (
        "The ledger (pointsman savings), from the first request on, with all that learning cost: "
        f"{total.requests:,} requests of the route ${_rounded(total.paid_usd)}, of that "
        f"${_rounded(total.shadows_usd)} for {total.shadow_calls:,} shadows; all on {STRONG} "
        f"${_rounded(total.baseline_usd)}{held}. {_referee(report)}"
    )


def _referee(report: RoutingReport) -> str:
    """What the ledger reckons that the new prompts would have cost on the strong model, and what they did
    cost there: the lane of the baseline was sent the same."""
    reckoned = parse_usd(report.savings.baseline_usd) - report.learning_cost
    return (
        f"For the new prompts alone it reckons {dollars(reckoned)} on {STRONG}; sent there in earnest, they "
        f"cost {dollars(report.lanes[BASELINE].cost)}."
    )


def _rounded(usd: str) -> str:
    return f"{float(usd):.4f}"
