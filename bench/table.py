"""The figures as a table, with ratios, and the goals beside what was measured."""

from __future__ import annotations

from typing import NamedTuple

from rich.console import Console
from rich.table import Table

from bench.rounds import Figures

LINES: tuple[tuple[str, str, str], ...] = (
    ("CPU a request, same dialect", "cpu_us", "µs"),
    ("CPU a request, translated", "crossed_cpu_us", "µs"),
    ("requests a second", "per_second", ""),
    ("latency p50 at 64 connections", "p50_ms", "ms"),
    ("latency p99 at 64 connections", "p99_ms", "ms"),
    ("added p50 at 50 requests/s", "added_p50_ms", "ms"),
    ("added p99 at 50 requests/s", "added_p99_ms", "ms"),
    ("CPU an event, flooded", "flooded_event_us", "µs"),
    ("CPU an event, flooded, translated", "crossed_flooded_event_us", "µs"),
    ("CPU an event, every 20 ms", "paced_event_us", "µs"),
    ("CPU an event, every 20 ms, translated", "crossed_paced_event_us", "µs"),
    ("events a second, flooded", "flooded_events_per_second", ""),
    ("TTFT p50, events every 20 ms", "paced_ttft_ms", "ms"),
    ("start to first answer", "startup_s", "s"),
    ("RSS idle", "idle_mb", "MB"),
    ("RSS after", "after_mb", "MB"),
)
RATIOS = ("cpu_us", "crossed_cpu_us", "flooded_event_us", "paced_event_us", "per_second")


class Goal(NamedTuple):
    name: str
    measured: float | None
    limit: float
    unit: str
    at_least: bool = False

    @property
    def met(self) -> bool | None:
        if self.measured is None:
            return None
        return self.measured >= self.limit if self.at_least else self.measured <= self.limit


def goals(figures: dict[str, Figures], imports: dict[str, float]) -> list[Goal]:
    own = figures.get("pointsman", Figures())
    return [
        Goal("CPU a request, same dialect", own.cpu_us, 80, "µs"),
        Goal("CPU a request, translated", own.crossed_cpu_us, 160, "µs"),
        Goal("CPU an event, flooded", own.flooded_event_us, 10, "µs"),
        Goal("CPU an event, flooded, translated", own.crossed_flooded_event_us, 25, "µs"),
        Goal("CPU of nginx, times", ratio(figures, "cpu_us", "pointsman", "nginx"), 4, "×"),
        Goal(
            "CPU less than LiteLLM, times", ratio(figures, "cpu_us", "litellm", "pointsman"), 100, "×", True
        ),
        Goal("import pointsman", imports.get("pointsman"), 100, "ms"),
        Goal("start to first answer", own.startup_s, 0.7, "s"),
        Goal("RSS idle", own.idle_mb, 60, "MB"),
    ]


def ratio(figures: dict[str, Figures], attribute: str, above: str, below: str) -> float | None:
    upper, lower = (getattr(figures.get(name), attribute, None) for name in (above, below))
    return upper / lower if upper and lower else None


def number(value: float | None, unit: str = "") -> str:
    if value is None:
        return "–"
    digits = 0 if value >= 1000 else 1 if value >= 10 else 2
    return f"{value:,.{digits}f}" + (f" {unit}" if unit else "")


def show(figures: dict[str, Figures], imports: dict[str, float], notes: list[str]) -> None:
    console = Console()
    table = Table(title="medians over the rounds", title_justify="left")
    table.add_column("")
    for name in figures:
        table.add_column(name, justify="right")
    for label, attribute, unit in LINES:
        table.add_row(label, *(number(getattr(each, attribute), unit) for each in figures.values()))
    console.print(table)
    console.print(
        "(direct): no gateway. (uvicorn): the server alone, with a fixed answer. A dash: not measured."
    )
    for peer in ("nginx", "litellm"):
        told = [_told(figures, attribute, peer) for attribute in RATIOS]
        if any(told):
            console.print(f"pointsman against {peer}: " + "; ".join(filter(None, told)))
    console.print("imports: " + ", ".join(f"{name} {number(value, 'ms')}" for name, value in imports.items()))
    for goal in goals(figures, imports):
        word = {None: "not measured", True: "met", False: "MISSED"}[goal.met]
        bound = "≥" if goal.at_least else "≤"
        console.print(
            f"  {word:12} {goal.name}: {number(goal.measured, goal.unit)} (goal {bound} {goal.limit:g})"
        )
    for note in notes:
        console.print(f"note: {note}", markup=False)


def _told(figures: dict[str, Figures], attribute: str, peer: str) -> str:
    found = ratio(figures, attribute, "pointsman", peer)
    label = {name: text for text, name, _ in LINES}[attribute]
    return f"{label} ×{found:.3g}" if found is not None else ""
