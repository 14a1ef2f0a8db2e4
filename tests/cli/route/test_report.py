from __future__ import annotations

import io
from pathlib import Path

import pytest

from pointsman.cli.main import run
from tests.support.routing_files import write_labels, write_router


@pytest.mark.parametrize("out", ["there/report", "there/report.html", "there/report.v1"])
def test_a_page_and_a_picture_are_written(
    tmp_path: Path, out: str, capsys: pytest.CaptureFixture[str]
) -> None:
    labels = write_labels(tmp_path / "labels.jsonl", 200, seed=5)
    router = write_router(tmp_path / "router.bin", ("haiku", "opus"))
    asked = [str(labels), "--router", str(router), "-o", str(tmp_path / out), "--resamples", "100"]
    assert run(["route", "report", *asked], environ={}, stderr=io.StringIO()) == 0
    name = out.removesuffix(".html")
    assert (tmp_path / f"{name}.png").read_bytes().startswith(b"\x89PNG")
    text = (tmp_path / f"{name}.html").read_text()
    assert "<svg" in text and "Not certified" in text
    said = "".join(capsys.readouterr().out.split())
    assert all(str(tmp_path / f"{name}.{kind}") in said for kind in ("html", "png"))
