"""Links between the documents lead somewhere, and every document is in the index."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")


@pytest.mark.parametrize("document", [str(path.relative_to(ROOT)) for path in DOCUMENTS])
def test_links_lead_somewhere(document: str) -> None:
    path = ROOT / document
    links = LINK.findall(path.read_text(encoding="utf-8"))
    assert [link for link in links if "://" not in link and not (path.parent / link).exists()] == []


def test_the_index_names_every_document() -> None:
    index = ROOT / "docs" / "README.md"
    links = {(index.parent / link).resolve() for link in LINK.findall(index.read_text(encoding="utf-8"))}
    found = [path for path in (ROOT / "docs").glob("*.md") if path != index]
    assert [path.name for path in found if path.resolve() not in links] == []
