"""Settings that hold for all tests."""

from __future__ import annotations

import gc
import os
import signal
from collections.abc import Generator
from pathlib import Path

import pytest
from hypothesis import settings

# A busy machine is no failure, and the same code passes or fails each time: new examples are for whoever
# looks for them, with --hypothesis-profile=explore.
settings.register_profile("pointsman", deadline=None, print_blob=True, derandomize=True)
settings.register_profile("explore", deadline=None, print_blob=True, max_examples=1_000)
settings.load_profile("pointsman")


def pytest_configure() -> None:
    """A shell that runs tests in the background has them ignore Ctrl-C, and so would all that they start."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """What collecting makes stays until the end: it need not be looked through for garbage, ten thousand
    tests long, neither now nor whenever a test makes some; which is looked for as seldom as in a gateway."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.set_threshold(20_000, 20, 50)
        gc.enable()


HERE = Path(__file__).parent


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Of several workers, each begins with another folder: so what has to be compiled on the first run is
    compiled by one of them and read by the others."""
    report = yield
    if collector.path == HERE and report.passed and (worker := os.environ.get("PYTEST_XDIST_WORKER")):
        children = report.result
        first = int(worker.removeprefix("gw")) * len(children) // int(os.environ["PYTEST_XDIST_WORKER_COUNT"])
        report.result = [*children[first:], *children[:first]]
    return report


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """In the end all have the same order."""
    items.sort(key=lambda item: item.path.relative_to(HERE).parts[0] if HERE in item.path.parents else "")
