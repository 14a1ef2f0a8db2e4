"""What ``pointsman keys`` shows. Pure: keys in, text and data out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from pointsman.cli.usage.report import iso, short_count, short_usd
from pointsman.costs import format_usd
from pointsman.keys import NO_LIMITS, KeyLimits, StoredKey
from pointsman.ledger import UsageRow


def created(stored: StoredKey, key: str, address: str) -> Text:
    """The new key and how to use it.

    Args:
        address: of the gateway, such as ``http://127.0.0.1:8080``.
    """
    whose = f" for {stored.tenant}" if stored.tenant else ""
    return Text.assemble(
        f"Key {stored.name}{whose}, shown this once:\n\n  ",
        (key, "bold"),
        f"\n\nOpenAI SDK:    OPENAI_API_KEY=… OPENAI_BASE_URL={address}/v1"
        f"\nAnthropic SDK: ANTHROPIC_API_KEY=… ANTHROPIC_BASE_URL={address}"
        "\nAny client:    Authorization: Bearer …  or  x-api-key: …",
        *([f"\n\nIts limits: {limits}"] if (limits := limits_text(stored.limits)) else []),
        *([f'\n\nFor it, "auto" is: [auto.{stored.auto}]'] if stored.auto else []),
        *([f"\n\nThe cache, for it: {stored.cache}"] if stored.cache else []),
        f"\n\nIts usage: pointsman usage --key {stored.name}",
        f"\nTo end it: pointsman keys revoke {stored.name}",
    )


def created_data(stored: StoredKey, key: str) -> dict[str, Any]:
    """The same for ``--json``."""
    return {"key": key, **key_data(stored, None)}


def key_data(key: StoredKey, spent: UsageRow | None) -> dict[str, Any]:
    """A key for ``--json``; without its hash."""
    data: dict[str, Any] = {
        "id": key.id,
        "name": key.name,
        "tenant": key.tenant,
        "hint": key.hint,
        "created": iso(key.created_us),
        "revoked": None if key.revoked_us is None else iso(key.revoked_us),
        "limits": msgspec.structs.asdict(key.limits),
        "auto": key.auto or None,
        "cache": key.cache or None,
    }
    if spent is not None:
        data |= {"requests": spent.requests, "cost_usd": format_usd(spent.cost)}
    return data


def table(keys: Sequence[StoredKey], spent: Mapping[str, UsageRow]) -> Table:
    """One line per key, with what was spent by the id of the key."""
    made = Table(box=SIMPLE_HEAD, pad_edge=False)
    for name in ("name", "tenant", "key", "created", "status"):
        made.add_column(name, no_wrap=name != "name")
    made.add_column("requests", justify="right")
    made.add_column("cost USD", justify="right")
    limited_ones = any(key.limits != NO_LIMITS for key in keys)
    if limited_ones:
        made.add_column("limits")
    for key in keys:
        row = spent.get(key.id)
        made.add_row(
            Text(key.name),
            Text(key.tenant),
            Text(key.hint),
            iso(key.created_us)[:10],
            "active" if key.revoked_us is None else f"revoked {iso(key.revoked_us)[:10]}",
            f"{row.requests:,}" if row else "·",
            short_usd(row.cost) if row else "·",
            *([limits_text(key.limits) or "·"] if limited_ones else []),
        )
    return made


def limits_text(limits: KeyLimits) -> str:
    """The limits in few words, as in "60 rpm, 50k tpm, wait 5 s"; "" if there are none."""
    words = [
        f"{short_count(amount)} {name.replace('_', ' ')}"
        for name in ("rpm", "input_tpm", "output_tpm", "tpm")
        if (amount := getattr(limits, name)) is not None
    ]
    if limits.concurrency is not None:
        words.append(f"{limits.concurrency:,} at once")
    if limits.max_wait is not None:
        words.append(f"wait {limits.max_wait:g} s" if limits.max_wait else "no wait")
    if limits.weight != NO_LIMITS.weight:
        words.append(f"weight {limits.weight:g}")
    if limits.priority != NO_LIMITS.priority:
        words.append(f"priority {limits.priority}")
    return ", ".join(words)


def limited(key: StoredKey) -> str:
    """What ``limit`` has done."""
    now = limits_text(key.limits) or "no limits"
    return f"{key.name} ({key.id}, {key.hint}): {now}. Running gateways go by that within a second or two."


def means(key: StoredKey) -> str:
    """What ``auto`` has done."""
    what = f"[auto.{key.auto}]" if key.auto else "what it is for all"
    who = f"{key.name} ({key.id}, {key.hint})"
    return f'{who}: "auto" is {what}. Running gateways go by that within a second or two.'


def cached(key: StoredKey) -> str:
    """What ``cache`` has done."""
    who = f"{key.name} ({key.id}, {key.hint})"
    what = key.cache or "as for all"
    return f"{who}: the cache's policy is {what}. Running gateways go by that within a second or two."


def revoked(key: StoredKey, now: bool) -> str:
    """What ``revoke`` has done."""
    if now:
        return (
            f"Revoked {key.name} ({key.id}, {key.hint}). Running gateways refuse it within a second or two."
        )
    when = "" if key.revoked_us is None else f" on {iso(key.revoked_us)}"
    return f"{key.name} ({key.id}, {key.hint}) was revoked already{when}; nothing has changed."
