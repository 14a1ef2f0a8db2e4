from __future__ import annotations

from pathlib import Path

from rich.console import Console

from pointsman.cli.route.trained_report import report
from pointsman.cli.route.training_summary import PairSummary, Summary

KNOWN = PairSummary("haiku", "opus", 900, 0.1, 0.01, 0.66, (0.61, 0.71), 0.02, 0.52, None, "signal")
UNKNOWN = PairSummary("sonnet", "opus", 3, None, None, None, None, None, None, None, "no verdict: 3 prompts")
SUMMARY = Summary(
    ("haiku", "sonnet", "opus"), 1000, 2800, 1.25, 1_300_000, "0123456789abcdef", (KNOWN, UNKNOWN)
)


def test_a_column_for_each_pair() -> None:
    console = Console(width=80)
    with console.capture() as captured:
        console.print(report(SUMMARY, Path("router.bin")))
    text = captured.get()
    assert "+0.100 ± 0.020" in text and "0.610 to 0.710" in text
    assert "no verdict: 3 prompts" in text and "signal" in text
    assert "learned from 2,800 labels of 1,000 prompts in 1.2 s; 1.3 MB" in text
    assert "pointsman route certify" in " ".join(text.split())
