from __future__ import annotations

import io
import socket
from base64 import b64encode
from pathlib import Path

import msgspec
import pytest

from pointsman.cli.main import run
from pointsman.providers import KNOWN
from pointsman.providers.known import KEY_VARIABLES
from tests.support.redis_server import redis_server


@pytest.fixture(autouse=True)
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine where nothing is configured, and whose ports are free."""
    monkeypatch.chdir(tmp_path)
    for variable in {name for names in KEY_VARIABLES.values() for name in names} | {"POINTSMAN_CONFIG"}:
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("POINTSMAN_SERVER__PORT", "0")
    monkeypatch.setenv("POINTSMAN_SERVER__ADMIN_PORT", "0")
    return tmp_path


def doctor(*arguments: str) -> int:
    return run(["doctor", *arguments], environ={}, stderr=io.StringIO())


def test_a_bare_machine_is_healthy(capsys: pytest.CaptureFixture[str], machine: Path) -> None:
    assert doctor() == 0
    shown = capsys.readouterr().out
    assert "! providers: none is configured" in shown
    assert f"✓ database: {machine}/data/pointsman/pointsman.db will be made" in shown
    assert "✗" not in shown
    assert not (machine / "data").exists()


def test_json_has_the_same_findings(capsys: pytest.CaptureFixture[str]) -> None:
    assert doctor("--json", "--offline") == 0
    report = msgspec.json.decode(capsys.readouterr().out)
    assert report["healthy"] is True
    subjects = [finding["subject"] for finding in report["findings"]]
    assert subjects[:4] == ["settings", "providers", "database", "keys"]
    assert {"server.port", "server.admin_port"} <= set(subjects)


def test_a_wrong_setting_is_all_that_is_told(capsys: pytest.CaptureFixture[str], machine: Path) -> None:
    (machine / "pointsman.toml").write_text("[servre]\n")
    assert doctor() == 1
    assert capsys.readouterr().out.splitlines()[0] == (
        "✗ settings: servre: there is no such setting; did you mean server?"
    )


def test_a_wrong_key_is_told_and_never_shown(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOLYSHEEP_API_KEY", "sk-hidden")
    assert doctor() == 1
    shown = capsys.readouterr().out
    assert "✗ settings: HOLYSHEEP_API_KEY: a key of holysheep starts with hs_" in shown
    assert "hidden" not in shown


def test_offline_asks_nobody(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    for known in KNOWN.values():
        monkeypatch.setenv(known.key_env, "hs_hidden_hidden_hidden")
    assert doctor("--offline") == 0
    shown = capsys.readouterr().out
    assert [name for name in KNOWN if f"✓ {name}: key from " not in shown] == []
    assert "hidden" not in shown
    assert "reached" not in shown


def test_a_provider_that_is_not_there_is_wrong(capsys: pytest.CaptureFixture[str], machine: Path) -> None:
    with socket.socket() as bound:  # bound and not listening: connections are refused
        bound.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{bound.getsockname()[1]}"
        (machine / "mine.toml").write_text(
            f'[providers.local]\ndialect = "openai_chat"\nbase_url = "{address}"\n[aliases]\na = "zzz"\n'
        )
        assert doctor("--config", "mine.toml") == 1
    shown = capsys.readouterr().out
    assert "✓ settings: read from mine.toml" in shown
    assert "✗ local: cannot be reached" in shown
    assert "✗ aliases.a: there is no model zzz" in shown


def test_limits_and_routes_are_looked_at(capsys: pytest.CaptureFixture[str], machine: Path) -> None:
    (machine / "pointsman.toml").write_text(
        "[limits.gpt-4o]\nrpm = 1\n[routes.gpt-4o]\nfallbacks = ['gpt-4o-mini']\n[aliases]\nmain = 'gpt-4o'\n"
    )
    assert doctor() == 0
    shown = capsys.readouterr().out
    assert "✓ limits: 1 configured" in shown
    assert "✓ routes.gpt-4o: leads to gpt-4o, gpt-4o-mini" in shown
    (machine / "pointsman.toml").write_text("[limits.zzz]\nrpm = 1\n[routes.zzy]\n")
    assert doctor() == 1
    shown = capsys.readouterr().out
    assert "✗ limits.zzz: there is no model zzz" in shown
    assert "✗ routes.zzy.models: there is no model zzy" in shown


def test_redis_is_asked_unless_offline(capsys: pytest.CaptureFixture[str], machine: Path) -> None:
    file = machine / "pointsman.toml"
    with redis_server() as server:
        file.write_text(f'[redis]\nurl = "{server.url}"\n')
        assert doctor() == 0
    assert "✓ redis: answers" in capsys.readouterr().out
    assert doctor() == 1
    assert "✗ redis: cannot be used: " in capsys.readouterr().out
    assert doctor("--offline") == 0
    assert "✓ redis: is configured, and was not asked" in capsys.readouterr().out
    file.write_text('[redis]\nurl = "hidden"\n')
    assert doctor("--offline") == 1
    shown = capsys.readouterr().out
    assert "✗ redis: cannot be used: redis.url: expected an address" in shown and "hidden" not in shown


def test_a_route_without_a_certificate_is_doubtful(capsys: pytest.CaptureFixture[str], machine: Path) -> None:
    (machine / "pointsman.toml").write_text('[auto.default]\npool = ["gpt-4o-mini", "gpt-4.1"]\n')
    assert doctor("--offline") == 0
    assert "! auto.default: the route has no trained router in service yet" in capsys.readouterr().out
    (machine / "pointsman.toml").write_text('[auto.default]\npool = ["gpt-4p"]\n')
    assert doctor("--offline") == 1
    assert "auto.default.pool[0]: there is no model gpt-4p" in capsys.readouterr().out


def test_a_semantic_route_that_nobody_can_ask_for(capsys: pytest.CaptureFixture[str], machine: Path) -> None:
    (machine / "pointsman.toml").write_text("[cache]\nenabled = true\n[cache.semantic.fqa]\n")
    assert doctor("--offline") == 1
    assert "✗ cache.semantic.fqa: The model 'fqa' is not known" in capsys.readouterr().out


def test_a_key_that_is_none_is_found_where_nothing_is_shared_too(
    capsys: pytest.CaptureFixture[str], machine: Path
) -> None:
    (machine / "pointsman.toml").write_text('[cache]\nenabled = true\nencryption_key = "abc"\n')
    assert doctor("--offline") == 1
    shown = capsys.readouterr().out
    assert "✗ cache.encryption_key: " in shown and "openssl rand" in shown and "abc" not in shown


def test_answers_that_replicas_share_are_tried_out(
    capsys: pytest.CaptureFixture[str], machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = machine / "pointsman.toml"
    with redis_server() as server:
        plain = f'[redis]\nurl = "{server.url}"\n[cache]\nenabled = true\n'
        file.write_text(plain)
        assert doctor() == 0
        assert (
            "✓ cache.shared: replicas share answers and calls by Redis, not encrypted"
            in capsys.readouterr().out
        )
        monkeypatch.setenv("CACHE_KEY", b64encode(b"k" * 32).decode())
        file.write_text(plain + 'encryption_key = "env:CACHE_KEY"\n')
        assert doctor() == 0
        assert "by Redis, encrypted" in capsys.readouterr().out
        monkeypatch.setenv("CACHE_KEY", "hidden")
        assert doctor() == 1
        shown = capsys.readouterr().out
        assert "✗ cache.encryption_key: " in shown and "openssl rand" in shown and "hidden" not in shown
    monkeypatch.delenv("CACHE_KEY")
    assert doctor("--offline") == 1
    assert "CACHE_KEY is not set" in capsys.readouterr().out
    file.write_text(plain)
    assert doctor() == 1
    assert "✗ cache.shared: replicas cannot share answers: " in capsys.readouterr().out
