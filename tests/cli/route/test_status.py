"""From labels to a route in service by its commands, and what they tell of it."""

from __future__ import annotations

import asyncio
import io
import json
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pointsman.cli.main import run
from pointsman.clock import SystemClock
from pointsman.ledger.sqlite import SqliteStore
from pointsman.routing.evidence.certificate import Certificate, encode_certificate
from pointsman.routing.features import featurise
from pointsman.routing.journal.kept import Decided
from pointsman.routing.journal.sqlite import SqliteJournal
from pointsman.routing.router import Router
from pointsman.routing.sample import Sample
from pointsman.routing.training import Example, train
from tests.support.decisions import a_decision
from tests.support.routed import LARGE, SMALL, a_routed
from tests.support.routing_certificates import certificate

NOW = datetime.fromtimestamp(SystemClock().now_us() / 1e6, UTC)
NOW_US = SystemClock().now_us()


@pytest.fixture(scope="module")
def router() -> Router:
    """Knows that a proof is hard."""
    dice = random.Random(7)
    samples = [
        Sample(f"{first} {' '.join(f'word{dice.randrange(400)}' for _ in range(6))}", route="default")
        for _ in range(200)
        for first in ("Prove", "Name")
    ]
    examples = [
        Example(featurise(s), {SMALL: 0.0 if "Prove" in s.text else 1.0, LARGE: 1.0}) for s in samples
    ]
    return train(examples, (SMALL, LARGE))


def a_certificate(router: Router, **changes: Any) -> Certificate:
    given: dict[str, Any] = {
        "router": router.digest,
        "pool": (SMALL, LARGE),
        "threshold": 0.3,
        "made_at": NOW,
        "expires_at": NOW + timedelta(days=30),
    }
    return certificate(**(given | changes))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, router: Router) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pointsman.toml").write_text(
        f'[storage]\npath = "a.db"\n\n[auto.default]\npool = ["{SMALL}", "{LARGE}"]\n\n'
        f'[auto.words]\npolicy = "keywords"\npool = ["{SMALL}", "{LARGE}"]\n'
    )
    (tmp_path / "router.bin").write_bytes(router.encode())
    (tmp_path / "cert.json").write_bytes(encode_certificate(a_certificate(router)))
    return tmp_path


def call(*arguments: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    stderr = io.StringIO()
    code = run(["route", *arguments], environ={}, stderr=stderr)
    return code, capsys.readouterr().out + stderr.getvalue()


def told(*arguments: str, capsys: pytest.CaptureFixture[str]) -> Any:
    code, said = call(*arguments, "--json", capsys=capsys)
    assert code == 0, said
    return json.loads(said)


def test_a_route_before_anything_is_in_service(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first, second = told("status", capsys=capsys)["routes"]
    assert (first["route"], first["asked_as"], first["why_baseline"]) == ("default", "auto", "no_router")
    assert (second["policy"], second["why_baseline"], second["certificate"]) == ("keywords", None, None)
    assert not (folder / "a.db").exists(), "looking makes nothing"
    code, said = call("status", "default", capsys=capsys)
    assert code == 0 and "no trained router in service" in said
    code, said = call("status", "nope", capsys=capsys)
    assert code != 0 and "There is no [auto.nope]" in said and "default, words" in said


def test_installed_explained_and_withdrawn(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, said = call("install", "default", "--router", "router.bin", capsys=capsys)
    assert code == 0 and "nothing is certified" in said
    code, said = call("install", "default", "--certificate", "cert.json", capsys=capsys)
    assert code == 0 and said.strip().endswith("A running gateway sees it within seconds.")
    status = told("status", "default", capsys=capsys)["routes"][0]
    assert status["why_baseline"] is None and status["certificate"]["withdrawn"] is None
    easy, hard = (told("explain", f"{word} word3 word5 word77", capsys=capsys) for word in ("Name", "Prove"))
    assert (easy["model"], easy["reason"]) == (SMALL, "certified")
    assert (hard["model"], hard["reason"]) == (LARGE, "uncertain")
    assert '"prove"' in {each["name"].lower() for each in hard["contributions"]}
    assert easy["labels"] == 1000
    code, said = call("explain", "Name word3 word5 word77", capsys=capsys)
    assert f"{SMALL}: the cheapest model whose expected loss" in said and "expected cost $" in said
    code, said = call("withdraw", "default", "--why", "a bad day", capsys=capsys)
    assert code == 0 and "Withdrawn: cert_" in said
    code, said = call("withdraw", "default", capsys=capsys)
    assert code == 0 and "withdrawn already" in said
    status = told("status", "default", capsys=capsys)["routes"][0]
    assert (status["why_baseline"], status["certificate"]["withdrawn"]["why"]) == ("withdrawn", "a bad day")
    code, said = call("status", "default", capsys=capsys)
    assert "alarm: withdrawn" in said and "a bad day" in said


def test_what_does_not_fit_is_not_installed(
    folder: Path, router: Router, capsys: pytest.CaptureFixture[str]
) -> None:
    other = a_certificate(router, pool=(SMALL, "gpt-4o"))
    (folder / "other.json").write_bytes(encode_certificate(other))
    (folder / "elsewhere.json").write_bytes(encode_certificate(a_certificate(router, route="words")))
    for arguments, message in (
        ((), "Say what to put in service"),
        (("--certificate", "other.json"), "The certificate is for"),
        (("--certificate", "elsewhere.json"), "for the traffic of route words"),
        (("--router", "cert.json"), "This is no router file"),
        (("--router", "gone.bin"), "gone.bin cannot be read"),
    ):
        code, said = call("install", "default", *arguments, capsys=capsys)
        assert code != 0 and message in " ".join(said.split())
    code, said = call("withdraw", "default", capsys=capsys)
    assert code != 0 and "No certificate is in service" in said


def test_explaining_by_other_means(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "body.json").write_text('{"messages": [{"role": "user", "content": "Design a bridge."}]}')
    (folder / "messages.json").write_text('[{"role": "user", "content": "Who was it?"}]')
    (folder / "text.txt").write_text("Design a bridge.")
    for file, model in (("body.json", LARGE), ("messages.json", SMALL), ("text.txt", LARGE)):
        view = told("explain", "--file", file, "--route", "words", capsys=capsys)
        assert (view["model"], view["reason"]) == (model, "keywords")
    view = told("explain", "Prove word3 word5 word77", "--router", "router.bin", capsys=capsys)
    assert (view["reason"], view["models"][1]["model"]) == ("no_certificate", LARGE)
    assert view["models"][0]["probability"] < view["models"][1]["probability"]
    code, said = call("explain", capsys=capsys)
    assert code != 0 and "Give a PROMPT" in said


def test_a_router_file_is_enough_to_explain(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "pointsman.toml").unlink()
    view = told("explain", "Prove word3 word5 word77", "--router", "router.bin", capsys=capsys)
    assert view["reason"] == "no_certificate"
    assert [model["model"] for model in view["models"]] == [SMALL, LARGE]
    code, said = call("explain", "Prove it", capsys=capsys)
    assert code != 0 and "There is no [auto.default]" in said


def test_a_past_request(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, said = call("explain", "--request", "r1", capsys=capsys)
    assert code != 0 and "No decision is kept" in said
    store = SqliteStore(folder / "a.db")
    store.commit([a_routed("r1", SMALL)])
    store.close()

    async def decide() -> None:
        journal = SqliteJournal(folder / "a.db", {}, now_us=lambda: NOW_US)
        decision = a_decision(models=(SMALL, LARGE), position=0, policy="cheapest", reason="cheapest")
        journal.record(Decided("r1", NOW_US, "", "", decision))
        await journal.close()

    asyncio.run(decide())
    view = told("explain", "--request", "r1", capsys=capsys)
    assert (view["model"], view["reason"]) == (SMALL, "cheapest")
    assert [model["would_have_cost_usd"] for model in view["models"]] == ["0.0015", "0.006"]
    (made,) = told("status", "default", capsys=capsys)["routes"][0]["decisions"]
    assert (made["reason"], made["model"], made["requests"]) == ("cheapest", SMALL, 1)
    code, said = call("status", "default", capsys=capsys)
    assert f"decided: 1 × {SMALL} (cheapest)" in said
