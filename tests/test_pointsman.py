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
    "PointsmanError",
    "Usage",
    "__version__",
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


def test_importing_it_loads_nothing_heavy() -> None:
    heavy = {"asyncio", "msgspec", "ssl", "sqlite3", "httptools", "uvloop", "starlette", "typer", "rich"}
    program = f"import sys, pointsman; sys.exit(str(sorted({heavy!r} & set(sys.modules))))"
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert ended.stderr == "[]\n"
