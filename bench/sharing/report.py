"""The phases beside each other."""

from __future__ import annotations

from collections.abc import Callable

from rich.console import Console
from rich.table import Table

from bench.sharing.plan import MAX_WAIT, OVER, Limits
from bench.sharing.watch import Phase

LINES: tuple[tuple[str, Callable[[Phase], str]], ...] = (
    ("seconds", lambda phase: f"{phase.seconds:.0f}"),
    ("utilisation", lambda phase: f"{phase.utilisation * 100:.1f} %"),
    ("429s of the provider", lambda phase: str(phase.refused)),
    ("answered", lambda phase: str(phase.answered)),
    ("by replica", lambda phase: "/".join(f"{phase.by_replica.get(str(n), 0)}" for n in range(4))),
    ("refused here (429)", lambda phase: str(phase.statuses.get("429", 0))),
    ("of these after waiting", lambda phase: str(phase.refused_late)),
    ("slowest to know", lambda phase: f"{phase.slowest:.1f} s"),
    ("oldest still open", lambda phase: f"{phase.open_longest:.1f} s"),
    ("slowest look at limits", lambda phase: f"{phase.look:.2f} s"),
)


def show(phases: list[Phase], limits: Limits, notes: list[str]) -> None:
    console = Console()
    title = (
        f"{limits.rpm} requests and {limits.tpm:,} tokens a minute ({limits.window}), "
        f"{OVER:.0f} times that is asked for, each may wait {MAX_WAIT:.0f} s"
    )
    table = Table(title=title, title_justify="left")
    table.add_column("")
    for phase in phases:
        table.add_column(phase.name, justify="right")
    for label, cell in LINES:
        table.add_row(label, *(cell(phase) for phase in phases))
    console.print(table)
    for phase in phases:
        _tell(console, phase)
    peaks = ", ".join(f"{name} {peak}" for name, peak in phases[-1].peaks.items())
    console.print(f"The provider saw at most: {peaks}.")
    for note in notes:
        console.print(f"note: {note}", markup=False)


def _tell(console: Console, phase: Phase) -> None:
    facts = dict(phase.facts)
    said = {trouble: count for trouble, count in phase.troubles.items() if trouble != "none"}
    if said:
        facts["replicas said of the store"] = "; ".join(f"{one} ({count})" for one, count in said.items())
    if phase.errors:
        most = sorted(phase.errors.items(), key=lambda item: -item[1])[:4]
        facts["callers saw"] = "; ".join(f"{one} ({count})" for one, count in most)
    for name, fact in facts.items():
        console.print(f"{phase.name}: {name}: {fact}", markup=False)
