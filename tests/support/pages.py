"""The examples on the pages of the documentation: found, and run as a reader would."""

from __future__ import annotations

import contextlib
import io
import re
from pathlib import Path
from typing import NamedTuple

DOCS = Path(__file__).parents[2] / "docs"
_FENCE = re.compile(r"^```(\w+)\n(.*?)^```\n(?:\n```text\n(.*?)^```\n)?", re.DOTALL | re.MULTILINE)


class Example(NamedTuple):
    language: str
    code: str
    output: str | None
    """What the page says that it prints, if it says so."""


def examples(page: str) -> list[Example]:
    found = _FENCE.findall((DOCS / page).read_text(encoding="utf-8"))
    return [Example(language, code, output or None) for language, code, output in found]


def run_python(example: Example, page: str, addresses: dict[str, str]) -> str:
    """Run it with the page's addresses replaced by those where something listens; what it printed."""
    code = example.code
    for shown, real in addresses.items():
        code = code.replace(shown, real)
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(compile(code, page, "exec"), {"__name__": "__main__"})
    return out.getvalue()
