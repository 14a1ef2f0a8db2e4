from __future__ import annotations

import msgspec
from rich.console import Console

from pointsman.cli.keys.report import (
    created,
    created_data,
    key_data,
    limited,
    limits_text,
    means,
    revoked,
    table,
)
from pointsman.keys import NO_LIMITS, KeyLimits
from pointsman.ledger import UsageRow
from tests.support.some_keys import a_key, stored

SPENT = UsageRow({"key_id": "key_1"}, 1234, 0, 1234, 0, 0, 0, 5_000_000_000_001, 0, 0)


def test_a_new_key_is_shown_with_how_to_use_it() -> None:
    text = created(stored(), a_key(), "http://[::1]:9").plain
    assert a_key() in text
    assert "team-1 for acme" in text and "pointsman keys revoke team-1" in text
    assert "OPENAI_BASE_URL=http://[::1]:9/v1\n" in text and "ANTHROPIC_BASE_URL=http://[::1]:9\n" in text
    assert created_data(stored(), a_key())["key"] == a_key()


def test_a_listed_key_shows_no_secret() -> None:
    data = key_data(stored(revoked_us=5), SPENT)
    assert stored().hash not in msgspec.json.encode(data).decode()
    assert (data["revoked"], data["cost_usd"]) == ("1970-01-01T00:00:00.000Z", "5.000000000001")
    assert "cost_usd" not in key_data(stored(), None)


def test_the_table_has_status_and_spending() -> None:
    console = Console(width=100, highlight=False)
    with console.capture() as captured:
        console.print(table([stored(1), stored(2, revoked_us=0)], {"key_1": SPENT}))
    text = captured.get()
    assert "1,234" in text and "5.0000" in text and "active" in text and "revoked 1970-01-01" in text
    assert stored().hint in text and a_key() not in text


def test_revoking_says_what_it_did() -> None:
    assert revoked(stored(revoked_us=0), True).startswith("Revoked team-1")
    assert "revoked already on 1970-01-01" in revoked(stored(revoked_us=0), False)


ALL = KeyLimits(60, 50_000, 10_000, 2_000_000, 4, 0.0, 0.5, 7)


def test_limits_are_told_in_few_words() -> None:
    assert limits_text(NO_LIMITS) == ""
    assert limits_text(ALL) == (
        "60 rpm, 50k input tpm, 10k output tpm, 2.0M tpm, 4 at once, no wait, weight 0.5, priority 7"
    )
    assert limits_text(KeyLimits(max_wait=2.5)) == "wait 2.5 s"


def test_the_table_has_limits_only_where_a_key_has_some() -> None:
    console = Console(width=120, highlight=False)
    limited_key = msgspec.structs.replace(stored(1), limits=KeyLimits(rpm=60))
    with console.capture() as captured:
        console.print(table([stored(1), stored(2)], {}))
    assert "limits" not in captured.get()
    with console.capture() as captured:
        console.print(table([limited_key, stored(2)], {}))
    assert "limits" in captured.get() and "60 rpm" in captured.get()
    assert limited(limited_key).startswith("team-1 (key_1, ")
    assert ": 60 rpm. Running gateways" in limited(limited_key)
    assert ": no limits. " in limited(stored(1))
    assert '): "auto" is what it is for all. Running' in means(stored(1))
    assert "Its limits" not in created(stored(1), a_key(), "http://h").plain
