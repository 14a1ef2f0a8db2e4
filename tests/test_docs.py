"""Links lead somewhere, files that are named exist, and every document is in the index."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
PLACE = re.compile(r"\]\(([^)#\s]*)#([^)\s]+)\)")
NAMED = re.compile(r"`+((?:[\w.-]+/)+[\w-]+\.(?:py|lua|sql))`+")
STARTS = (ROOT, ROOT / "src", ROOT / "src" / "pointsman")
INVENTED = {"src/pointsman/a/b.py", "tests/a/test_b.py"}
"""Of no real module, to say how any is named."""


def places(text: str) -> set[str]:
    """What links can lead to: the headings, as GitHub turns them into names."""
    headings = re.findall(r"^#+ (.*)$", re.sub(r"```.*?```", "", text, flags=re.DOTALL), re.MULTILINE)
    plain = [re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).strip().lower() for heading in headings]
    return {re.sub(r"[^\w\- ]", "", heading).replace(" ", "-") for heading in plain}


@pytest.mark.parametrize("document", [str(path.relative_to(ROOT)) for path in DOCUMENTS])
def test_links_lead_somewhere(document: str) -> None:
    path = ROOT / document
    links = LINK.findall(path.read_text(encoding="utf-8"))
    assert [link for link in links if "://" not in link and not (path.parent / link).exists()] == []


@pytest.mark.parametrize("document", [str(path.relative_to(ROOT)) for path in DOCUMENTS])
def test_links_into_a_document_lead_to_a_heading(document: str) -> None:
    path = ROOT / document
    astray = []
    for link, place in PLACE.findall(path.read_text(encoding="utf-8")):
        if "://" not in link and place not in places(
            (path.parent / link if link else path).read_text("utf-8")
        ):
            astray.append(f"{link}#{place}")
    assert astray == []


def test_files_that_are_named_exist() -> None:
    """But for decisions, which tell of what was then."""
    read = [path for path in DOCUMENTS if path.parent.name != "decisions"]
    read += sorted((ROOT / "src").rglob("*.py"))
    gone = [
        f"{path.relative_to(ROOT)}: {name}"
        for path in read
        for name in NAMED.findall(path.read_text(encoding="utf-8"))
        if name not in INVENTED and "NAME" not in name
        if not any((start / name).exists() for start in (*STARTS, path.parent))
    ]
    assert gone == []


def test_the_index_names_every_document() -> None:
    index = ROOT / "docs" / "README.md"
    links = {(index.parent / link).resolve() for link in LINK.findall(index.read_text(encoding="utf-8"))}
    found = [path for path in (ROOT / "docs").glob("*.md") if path != index]
    assert [path.name for path in found if path.resolve() not in links] == []
