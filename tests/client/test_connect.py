from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from pointsman.client.backend import Backend
from pointsman.client.connect import connect
from pointsman.client.in_process import InProcess
from pointsman.client.remote import Remote
from pointsman.errors import ConfigurationError


def made(
    environment: dict[str, str],
    *,
    base_url: str | None = None,
    api_key: str | None = None,
    config: str | None = None,
    ledger: str | None = None,
    simulator_url: str | None = None,
) -> Backend:
    return connect(
        base_url=base_url,
        api_key=api_key,
        config=config,
        ledger=ledger,
        simulator_url=simulator_url,
        environment=environment,
    )


def test_an_address_makes_it_remote() -> None:
    backend = made({}, base_url="http://127.0.0.1:8080/v1/")
    assert isinstance(backend, Remote)
    assert repr(backend) == "Remote('http://127.0.0.1:8080')"


async def test_without_it_runs_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for backend in (
        made({"OPENAI_API_KEY": "sk-" + "x" * 40}),
        made({}, simulator_url="http://127.0.0.1:9000"),
        made({}, simulator_url="http://127.0.0.1:9000", ledger=str(tmp_path / "calls.db")),
    ):
        assert isinstance(backend, InProcess)
        await backend.close()
    assert (tmp_path / "calls.db").exists()


def test_nothing_to_talk_to_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigurationError, match=r"ANTHROPIC_API_KEY.*base_url.*simulator"):
        made({})


def test_arguments_that_contradict_each_other() -> None:
    with pytest.raises(ConfigurationError, match="base_url is for a running gateway"):
        made({}, base_url="http://127.0.0.1:8080", ledger="calls.db")
    with pytest.raises(ConfigurationError, match="needs its base_url"):
        made({}, api_key="pm_x")
    with pytest.raises(ConfigurationError, match="must begin with http"):
        made({}, base_url="127.0.0.1:8080")


@pytest.mark.parametrize(
    ("program", "absent"),
    [
        (
            "from pointsman import Client, AsyncClient",
            {"uvicorn", "sqlite3", "httptools", "pointsman.gateway", "pointsman.dialects", "rich"},
        ),
        (
            "from pointsman import AsyncClient; AsyncClient('http://127.0.0.1:9')",
            {"uvicorn", "sqlite3", "pointsman.gateway.journey", "pointsman.ledger.sqlite", "rich"},
        ),
        (
            "from pointsman import AsyncClient; AsyncClient(simulator_url='http://127.0.0.1:9')",
            {"uvicorn", "starlette", "prometheus_client", "typer", "rich", "pydantic"},
        ),
    ],
)
def test_only_what_is_needed_is_loaded(program: str, absent: set[str], tmp_path: Path) -> None:
    code = f"{program}\nimport sys\nsys.exit(str(sorted({absent!r} & set(sys.modules))))"
    ended = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=tmp_path
    )
    assert ended.stderr == "[]\n"
