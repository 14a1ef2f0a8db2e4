"""Settings that hold for all tests."""

from __future__ import annotations

import gc
from collections.abc import Generator

import pytest
from hypothesis import settings

settings.register_profile("pointsman", deadline=None, print_blob=True)  # a busy machine is no failure
settings.load_profile("pointsman")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """What collecting makes stays until the end: it need not be looked through for garbage, ten thousand
    tests long, neither now nor whenever a test makes some."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()
