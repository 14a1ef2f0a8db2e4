"""What keeps the tree walkable, where no linter looks: sizes, twins, outside things, what is exported."""

from __future__ import annotations

import ast
import importlib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "pointsman"
TESTS = ROOT / "tests"
MODULES = sorted(SOURCE.rglob("*.py"))
PACKAGES = [path.parent for path in MODULES if path.name == "__init__.py"]
CHECKED_TEXT = [
    path
    for folder in ("src", "tests", "scripts", "bench", "docs", ".ci")
    for path in sorted((ROOT / folder).rglob("*"))
    if path.is_file() and path.suffix in {"", ".py", ".sh", ".md", ".sql"} and "__pycache__" not in path.parts
]

MOST_LINES = 400

OUTSIDE = {
    *("asyncio", "fcntl", "mmap", "msvcrt", "os", "random", "secrets", "select", "signal", "socket"),
    *("sqlite3", "ssl", "subprocess", "tempfile", "threading", "time", "uuid", "uvicorn", "uvloop"),
}

MAY_TOUCH: dict[str, set[str]] = {
    "caching.shared.redis": {"asyncio", "secrets"},
    "caching.shared.redis_answers": {"asyncio"},
    "caching.shared.redis_flights": {"asyncio"},
    "caching.shared.redis_follow": {"asyncio"},
    "caching.idempotency.redis": {"asyncio"},
    "caching.shared.redis_streams": {"asyncio"},
    "caching.idempotency.sqlite": {"asyncio", "sqlite3"},
    "caching.idempotency.thread": {"threading"},
    "cli.demo.act_burst": {"asyncio", "random", "time"},
    "cli.demo.act_prompts": {"tempfile", "time"},
    "cli.demo.act_caching": {"asyncio", "random", "time"},
    "cli.demo.act_routing": {"asyncio", "random"},
    "cli.cache.cache": {"asyncio"},
    "cli.cache.comparing": {"asyncio"},
    "cli.doctor.doctor": {"asyncio"},
    "cli.environment": {"os"},
    "cli.keys.keys": {"secrets"},
    "cli.limits.limits": {"asyncio"},
    "cli.doctor.machine": {"os", "socket", "sqlite3"},
    "cli.demo.performance": {"asyncio", "tempfile"},
    "cli.main": {"os"},
    "cli.running": {"asyncio", "secrets", "socket", "uvloop"},
    "client.connect": {"os"},
    "client.in_process": {"asyncio", "secrets"},
    "client.loop": {"asyncio", "threading"},
    "client.remote": {"asyncio", "random"},
    "client.refreshing": {"asyncio"},
    "client.stream": {"asyncio"},
    "clock": {"time"},
    "demo.prompts.ask": {"asyncio"},
    "demo.caching.ask": {"asyncio"},
    "demo.burst.crowd": {"asyncio"},
    "demo.routing.ask": {"asyncio"},
    "demo.stage.stage": {"asyncio"},
    "gateway.edge.asgi": {"asyncio"},
    "gateway.aside": {"asyncio"},
    "gateway.build": {"asyncio", "random", "secrets"},
    "gateway.cascade.cheap_calls": {"asyncio"},
    "gateway.edge.cycle": {"asyncio", "uvicorn"},
    "gateway.edge.leaving": {"asyncio"},
    "gateway.semantic.embedding": {"asyncio"},
    "gateway.turns": {"asyncio"},
    "gateway.attempts.hedging": {"asyncio"},
    "gateway.flights.flights": {"asyncio"},
    "gateway.resume.following": {"asyncio"},
    "gateway.labels.judging": {"asyncio"},
    "gateway.resume.lingering": {"asyncio"},
    "gateway.labels.shadow_work": {"asyncio"},
    "gateway.auto.drift_keeping": {"asyncio"},
    "gateway.prompt_cache.keeping": {"asyncio"},
    "gateway.labels.shadowing": {"asyncio"},
    "gateway.cache.pacing": {"asyncio"},
    "gateway.resume.resumable": {"asyncio"},
    "gateway.flights.meeting": {"asyncio"},
    "gateway.edge.server": {"asyncio", "signal", "socket", "uvicorn"},
    "gateway.flow.waiting": {"asyncio"},
    "http1.client": {"asyncio", "ssl"},
    "http1.connection": {"asyncio"},
    "http1.dial": {"asyncio", "socket", "ssl"},
    "http1.failures": {"socket", "ssl"},
    "http1.gathering": {"asyncio"},
    "http1.origin": {"asyncio", "ssl"},
    "http1.response": {"asyncio"},
    "http1.tls": {"ssl"},
    "keys.refresh": {"asyncio"},
    "keys.sqlite": {"sqlite3"},
    "ledger.filelock": {"fcntl", "msvcrt"},
    "ledger.mmap": {"mmap", "os", "tempfile", "threading"},
    "ledger.sqlite": {"asyncio", "sqlite3"},
    "ledger.thread": {"threading", "time"},
    "promptcache.sqlite": {"sqlite3"},
    "resilience.calling": {"asyncio", "random", "time"},
    "limits.queue.queue": {"asyncio"},
    "limits.shared.redis": {"asyncio", "secrets"},
    "routing.labels.sandbox": {"os", "signal"},
    "routing.labels.sqlite": {"sqlite3"},
    "routing.labels.subprocess": {"secrets", "subprocess", "threading"},
    "routing.journal.refresh": {"asyncio"},
    "routing.journal.sqlite": {"asyncio", "sqlite3"},
    "routing.journal.thread": {"threading"},
    "simulator.connection": {"asyncio", "socket"},
    "simulator.perform": {"asyncio"},
    "simulator.server": {"signal", "socket", "uvicorn"},
    "storage.redis": {"asyncio"},
    "storage.sqlite": {"sqlite3", "time"},
}
"""The modules that touch something outside, and what. All others are pure: values in, values out."""


def name_of(path: Path) -> str:
    parts = path.relative_to(SOURCE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imports_of(path: Path) -> set[str]:
    """Top-level names of what a module imports, wherever in it."""
    found: set[str] = set()
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            found.update(alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.partition(".")[0])
    return found


def only_exports(path: Path) -> bool:
    """Nothing in it but a docstring, imports and ``__all__``: there is nothing to test."""
    return all(
        isinstance(node, ast.Import | ast.ImportFrom | ast.Expr)
        or (isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__")
        for node in tree_of(path).body
    )


@pytest.mark.parametrize("folder", ["src", "tests", "bench"])
def test_no_module_is_longer_than_it_should_be(folder: str) -> None:
    lengths = {
        str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines())
        for path in (ROOT / folder).rglob("*.py")
    }
    assert {name: lines for name, lines in lengths.items() if lines >= MOST_LINES} == {}


def test_every_module_has_its_twin_test() -> None:
    missing = []
    for path in MODULES:
        inside = path.relative_to(SOURCE)
        name = inside.parent.name or "pointsman" if path.name == "__init__.py" else inside.stem
        twin = TESTS / inside.parent / f"test_{name}.py"
        if not twin.exists() and not only_exports(path):
            missing.append(str(twin.relative_to(ROOT)))
    assert missing == []


def test_only_modules_named_for_it_touch_what_is_outside() -> None:
    touched = {name_of(path): imports_of(path) & OUTSIDE for path in MODULES}
    assert {name: outside for name, outside in touched.items() if outside} == MAY_TOUCH


@pytest.mark.parametrize("package", [name_of(folder / "__init__.py") for folder in PACKAGES])
def test_what_a_package_exports_is_there_and_named_once(package: str) -> None:
    module = importlib.import_module(".".join(filter(None, ["pointsman", package])))
    exported: list[str] = getattr(module, "__all__", [])
    assert len(set(exported)) == len(exported)
    assert [name for name in exported if not hasattr(module, name)] == []


def test_a_package_says_what_it_exports() -> None:
    """Where an ``__init__`` imports, it says with ``__all__`` what of that is meant for others."""
    silent = [
        name_of(folder / "__init__.py")
        for folder in PACKAGES
        if any(isinstance(node, ast.ImportFrom) for node in tree_of(folder / "__init__.py").body)
        and "__all__" not in (folder / "__init__.py").read_text(encoding="utf-8")
    ]
    assert silent == []


def test_nothing_is_left_to_be_done_later() -> None:
    words = ["TO" + "DO", "FIX" + "ME"]
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in CHECKED_TEXT
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if any(word in line for word in words)
    ]
    assert found == []


def test_no_name_of_one_machine_is_in_the_tree() -> None:
    places = ["/" + "work/", "/" + "root/", "../" + "shared"]
    found = [
        str(path.relative_to(ROOT))
        for path in CHECKED_TEXT
        if any(place in path.read_text(encoding="utf-8") for place in places)
    ]
    assert found == []
