"""What docs/idempotency.md names is there."""

from __future__ import annotations

import re

from pointsman.admin.prometheus_idempotency import IdempotencyCollector
from pointsman.caching.idempotency import idempotency
from pointsman.caching.idempotency.idempotency import MOST_KEY, is_final
from pointsman.config.reference import all_settings
from pointsman.errors import AnswerUnderWay
from pointsman.gateway.resume.idempotency import _RESULTS, REPLAYED
from pointsman.gateway.resume.idempotency_metrics import IdempotencyMetrics
from pointsman.gateway.resume.repeats import REPLAY_ID
from pointsman.gateway.resume.stream_metrics import RESUMED
from pointsman.ledger.entry import REPLAY
from tests.support.pages import DOCS

PAGE = (DOCS / "idempotency.md").read_text(encoding="utf-8")


def test_every_code_is_on_the_page() -> None:
    assert [code for code in _RESULTS if f"`{code}`" not in PAGE] == []
    assert set(re.findall(r"`(idempotency_\w+|\w+_idempotency_\w+)`", PAGE)) == set(_RESULTS) - set(RESUMED)
    assert AnswerUnderWay.default_code in _RESULTS


def test_every_setting_is_on_the_page_and_no_other() -> None:
    settings = {setting.path for setting in all_settings() if setting.path.startswith("idempotency.")}
    assert set(re.findall(r"`(idempotency\.\w+)`", PAGE)) == settings


def test_metrics_and_header_are_on_the_page() -> None:
    names = [f"{metric.name}_total" for metric in IdempotencyCollector(IdempotencyMetrics()).collect()]
    assert [name for name in names if name not in PAGE] == []
    assert b": ".join(REPLAYED).decode() in PAGE
    assert f"`{REPLAY_ID.decode()}`" in PAGE and f'"cache": "{REPLAY}"' in PAGE


def test_the_table_of_what_is_kept_is_right() -> None:
    rows = dict(re.findall(r"^\| ([^|]*\d{3}[^|]*) \| (yes|no) \|", PAGE, re.MULTILINE))
    said = {
        int(status): kept == "yes" for row, kept in rows.items() for status in re.findall(r"\b\d{3}\b", row)
    }
    assert len(said) >= 10
    assert {status: is_final(status, sent=True) for status in said} == said
    assert f"1 to {MOST_KEY} printable ASCII" in PAGE
    assert idempotency.IdempotencyPolicy().keep_us == 24 * 3_600_000_000
