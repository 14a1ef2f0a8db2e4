from __future__ import annotations

import subprocess
import sys

import pytest

import pointsman

PUBLIC = [
    "AsyncChatStream",
    "AsyncClient",
    "ChatChunk",
    "ChatResult",
    "ChatStream",
    "Client",
    "LimitedCall",
    "PointsmanError",
    "RateLimiter",
    "Retry",
    "RetryBudget",
    "RetryPolicy",
    "Usage",
    "__version__",
    "call_with_retry",
    "call_with_retry_sync",
]
"""What others may rely on. To take something away, or to change its meaning, is a breaking change."""


def test_what_is_public_is_decided_here() -> None:
    assert pointsman.__all__ == PUBLIC
    assert dir(pointsman) == sorted(PUBLIC)


@pytest.mark.parametrize("name", PUBLIC)
def test_everything_public_is_there_and_says_what_it_is(name: str) -> None:
    value = getattr(pointsman, name)
    assert isinstance(value, str) or value.__doc__


def test_what_is_not_there_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Nothing'"):
        _ = pointsman.Nothing


def _imports(statement: str) -> list[str]:
    """What a fresh interpreter loads for it, in order, as ``-X importtime`` tells."""
    command = [sys.executable, "-X", "importtime", "-c", statement]
    ended = subprocess.run(command, capture_output=True, text=True, check=True)
    return [line.rpartition("|")[2].strip() for line in ended.stderr.splitlines() if "|" in line]


@pytest.mark.parametrize(
    ("statement", "heavy", "most"),
    [
        (
            "import pointsman",
            {"asyncio", "msgspec", "ssl", "sqlite3", "pointsman.http1", "pointsman.chat"},
            3,
        ),
        (
            "from pointsman import Client",
            {"sqlite3", "httptools", "pointsman.http1", "pointsman.gateway", "pointsman.dialects"},
            25,
        ),
        (
            "from pointsman import call_with_retry",
            {"sqlite3", "httptools", "pointsman.http1", "pointsman.gateway", "pointsman.client"},
            20,
        ),
    ],
)
def test_importing_it_loads_nothing_heavy(statement: str, heavy: set[str], most: int) -> None:
    loaded = _imports(statement)
    never = {"uvicorn", "uvloop", "starlette", "typer", "rich", "prometheus_client"}
    assert sorted((heavy | never) & set(loaded)) == []
    assert 0 < sum(name.partition(".")[0] == "pointsman" for name in loaded) <= most
