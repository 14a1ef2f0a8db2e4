"""The figures beside each other, the ratios, and a picture of who was let through when."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from rich.console import Console
from rich.table import Table
from rich.text import Text

from bench.flows.contenders import HOW, KNOWN
from bench.flows.figures import Figures
from bench.flows.traffic import Plan
from pointsman.demo.stage.strip import axis, resampled, strip

Show = Callable[[Figures], str]


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{value * 100:.1f} %"


def _seconds(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f} s"


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:,.0f}"


STEADY: tuple[tuple[str, Show], ...] = (
    ("goodput, of the limit", lambda each: _percent(each.goodput)),
    ("tokens answered a minute", lambda each: _number(each.tokens_per_minute)),
    ("429s upstream", lambda each: _number(each.refused)),
    ("429s, of all upstream calls", lambda each: _percent(each.refused_share)),
    ("callers answered", lambda each: _number(each.answered)),
    ("callers failed", lambda each: _number(each.failed)),
    ("of them after a whole minute", lambda each: _number(each.gave_up)),
    ("still waiting at the end", lambda each: _number(each.unfinished)),
    ("failed after, p50", lambda each: _seconds(each.failed_after_p50)),
    ("wait p50", lambda each: _seconds(each.wait_p50)),
    ("wait p99", lambda each: _seconds(each.wait_p99)),
    ("Jain's index, four keys", lambda each: "–" if each.jain is None else f"{each.jain:.3f}"),
    ("answers by key", lambda each: "/".join(map(str, each.by_key.values()))),
)
BATCH: tuple[tuple[str, Show], ...] = (
    ("batch: all answered after", lambda each: _seconds(each.batch_seconds)),
    ("batch: errors on the way", lambda each: _number(each.batch_failures)),
    ("batch: 429s upstream", lambda each: _number(each.batch_refused)),
)


def show(worlds: Mapping[str, Mapping[str, Figures]], plan: Plan, notes: list[str]) -> None:
    console = Console()
    contenders = next(iter(worlds.values()))
    for name in contenders:
        console.print(f"[bold]{name}[/bold]: {HOW.get(name, '')}")
    for world, figures in worlds.items():
        console.print()
        console.print(_table(world, figures, plan))
        for line in ratios(figures):
            console.print(line, highlight=False)
        if plan.steady:
            console.print(_picture(figures, plan, console.width))
    for note in notes:
        console.print(f"note: {note}", markup=False)


def _table(world: str, figures: Mapping[str, Figures], plan: Plan) -> Table:
    table = Table(title=f"{plan.rpm} requests a minute; {world}", title_justify="left")
    table.add_column("")
    for name in figures:
        table.add_column(name, justify="right")
    rows = [*(STEADY if plan.steady else ()), *(BATCH if plan.batch else ())]
    for label, cell in rows:
        table.add_row(label, *(cell(each) for each in figures.values()))
    return table


def ratios(figures: Mapping[str, Figures]) -> list[str]:
    """Pointsman with its limits known against each of the others."""
    own = figures.get(KNOWN)
    if own is None:
        return []
    lines = []
    for name, other in figures.items():
        if other is own:
            continue
        told = [
            _times("goodput", own.goodput, other.goodput),
            _against("429s", own.refused, other.refused) if own.goodput is not None else "",
            _against("failed callers", own.failed, other.failed) if own.goodput is not None else "",
            _times("wait p50", own.wait_p50, other.wait_p50),
            _times("batch time", own.batch_seconds, other.batch_seconds),
        ]
        lines.append(f"{KNOWN} against {name}: " + "; ".join(filter(None, told)))
    return lines


def _times(label: str, one: float | None, other: float | None) -> str:
    return f"{label} ×{one / other:.2f}" if one is not None and other else ""


def _against(label: str, one: int, other: int) -> str:
    return f"{label} {one:,} against {other:,}"


def _picture(figures: Mapping[str, Figures], plan: Plan, width: int) -> Text:
    """Accepted calls above, 429s below, over the whole of the steady traffic."""
    label, seconds = 26, round(plan.seconds)
    columns = max(20, min(seconds, width - label - 1))
    text = Text()
    heights = []
    for kind in ("accepted_by_second", "refused_by_second"):
        means = [resampled(getattr(each, kind), seconds, columns) for each in figures.values()]
        heights.append(max((max(line) for line in means), default=0.0))
    for name, each in figures.items():
        accepted = resampled(each.accepted_by_second, seconds, columns)
        refused = resampled(each.refused_by_second, seconds, columns)
        text.append(f"{name:>{label - 1}} ")
        text.append(strip(accepted, heights[0]) + "\n", style="green")
        text.append(f"{'429':>{label - 1}} ")
        text.append(strip(refused, heights[1]) + "\n", style="red")
    text.append(" " * label + axis(seconds, columns) + "\n", style="dim")
    text.append(
        f"A full block is {heights[0]:.0f} accepted calls a second, or {heights[1]:.0f} refused ones.",
        style="dim",
    )
    return text
