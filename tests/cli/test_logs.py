from __future__ import annotations

import json
import logging
from collections.abc import Iterator

import pytest

from pointsman.cli.logs import JsonFormatter, set_up_logging
from pointsman.config import LoggingSettings


@pytest.fixture(autouse=True)
def _as_it_was() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    chatty = {name: logging.getLogger(name).level for name in ("uvicorn.error", "asyncio")}
    yield
    root.handlers[:], root.level = handlers, level
    for name, before in chatty.items():
        logging.getLogger(name).setLevel(before)


def test_lines_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logging(LoggingSettings(level="info", format="text"))
    logging.getLogger("pointsman.x").info("%s went by", "a train")
    logging.getLogger("pointsman.x").debug("not this")
    logging.getLogger("uvicorn.error").info("nor this")
    out, err = capsys.readouterr()
    assert out == ""
    assert err.endswith(" INFO pointsman.x: a train went by\n")
    assert err.count("\n") == 1


def test_lines_for_machines(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logging(LoggingSettings(level="warning", format="json"))
    try:
        raise LookupError("two\nlines")
    except LookupError:
        logging.getLogger("pointsman.x").exception("It went\nwrong")
    (line,) = capsys.readouterr().err.splitlines()
    said = json.loads(line)
    assert (said["level"], said["logger"], said["message"]) == ("error", "pointsman.x", "It went\nwrong")
    assert "LookupError" in said["traceback"]


def test_times_are_utc() -> None:
    record = logging.LogRecord("x", logging.INFO, "", 0, "m", None, None)
    record.created = 0.5
    assert json.loads(JsonFormatter().format(record))["time"] == "1970-01-01T00:00:00.500+00:00"
