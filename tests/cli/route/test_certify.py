from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from pointsman.cli.main import run
from pointsman.routing.evidence import decode_certificate
from tests.support.routing_files import write_labels, write_router


def call(*arguments: str) -> tuple[int, str]:
    stderr = io.StringIO()
    return run(["route", "certify", *arguments], environ={}, stderr=stderr), stderr.getvalue()


@pytest.fixture(scope="module")
def router(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(write_router(tmp_path_factory.mktemp("router") / "router.bin"))


@pytest.fixture
def labels(tmp_path: Path) -> str:
    return str(write_labels(tmp_path / "labels.jsonl", 900, seed=5, route="mail"))


def test_a_certificate_is_written_and_shown(
    router: str, labels: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "cert.json"
    asked = ("--floor", "0.95", "--confidence", "0.9", "--route", "mail", "--days", "7")
    assert call(labels, "--router", router, *asked, "-o", str(out)) == (0, "")
    said = " ".join(capsys.readouterr().out.split())
    assert "Certified on route mail: with 90% confidence, 95.0% of opus's quality is kept." in said
    made = decode_certificate(out.read_bytes())
    assert (made.route, made.pool, made.labels) == ("mail", ("haiku", "sonnet", "opus"), 900)
    assert (made.expires_at - made.made_at).days == 7
    assert made.prices == "a price ratio of 5"
    assert made.min_familiarity == 0.01, "what it has never seen like goes to the baseline"


def test_where_it_cannot_be_written_is_said(router: str, labels: str, tmp_path: Path) -> None:
    code, said = call(labels, "--router", router, "--floor", "0.95", "-o", str(tmp_path / "no" / "c.json"))
    assert code == 2 and "cannot be written to" in said


def test_json_is_the_certificate(router: str, labels: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert call(labels, "--router", router, "--json", "--price-ratio", "18.75") == (0, "")
    data = json.loads(capsys.readouterr().out)
    assert data["certified"] is True
    assert data["floor"] == 0.98 and data["prices"] == "a price ratio of 18.75"
    assert 0 < data["saving"]["low"] < data["saving"]["value"] < data["saving"]["high"]


def test_prices_may_be_given(
    router: str, labels: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rates = tmp_path / "prices.json"
    rates.write_text(
        json.dumps(
            {model: {"input": at, "output": at} for at, model in enumerate(("haiku", "sonnet", "opus"))}
        )
    )
    assert call(labels, "--router", router, "--json", "--prices", str(rates))[0] == 0
    assert json.loads(capsys.readouterr().out)["costs"] == pytest.approx([0, 120e-6, 240e-6])


def test_without_enough_labels_it_says_so(
    router: str, labels: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    few = ("--min-labels", "901")
    assert call(labels, "--router", router, *few)[0] == 0
    assert "Not certified: everything goes to opus." in capsys.readouterr().out
    assert call(labels, "--router", router, *few, "--json")[0] == 0
    assert json.loads(capsys.readouterr().out)["certified"] is False
    out = tmp_path / "cert.json"
    assert call(labels, "--router", router, *few, "-o", str(out))[0] == 1
    assert not out.exists()
