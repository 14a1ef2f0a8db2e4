"""The limits of all models and providers, and what ``GET /limits`` tells of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .config import Config
from .levels import Level
from .limits import Account, Family, Limits, Rates

_COUNTS_REFUSED = "openai"
"""The only provider that documents that an unsuccessful request counts."""


class LimitBook:
    """Opens the limits of a model when it is first asked for."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._limits: dict[tuple[str, str], Limits] = {}
        self._accounts: dict[str, Account] = {}

    def of(self, provider: str, model: str, now: int) -> Limits:
        limits = self._limits.get((provider, model))
        if limits is None:
            # By provider and not by dialect: DeepSeek speaks both, under one limit.
            family: Family = "anthropic" if provider == "anthropic" else "openai"
            limits = Limits(family, self._rates(provider), now, self._account(provider, family, now))
            self._limits[(provider, model)] = limits
        return limits

    def report(self, now: int) -> dict[str, Any]:
        """For each model: each limit, how much of it is and was taken, and its 429s by cause."""
        return {
            "window": self._config.window,
            "models": [
                {
                    "provider": provider,
                    "model": model,
                    "limits": _levels(limits.levels, now, limits.unlimited) | _concurrency(limits),
                    "rejected_429": dict(sorted(limits.rejected.items())),
                }
                for (provider, model), limits in sorted(self._limits.items())
            ],
            "accounts": [
                {"provider": provider, "limits": _levels(account.levels, now, frozenset())}
                for provider, account in sorted(self._accounts.items())
            ],
        }

    def _rates(self, provider: str) -> Rates:
        config = self._config
        return Rates(
            rpm=config.rpm,
            tpm=config.tpm,
            input_tpm=config.input_tpm,
            output_tpm=config.output_tpm,
            concurrency=config.concurrency,
            rolling=config.window == "rolling",
            counts_refused=config.count_refused and provider == _COUNTS_REFUSED,
        )

    def _account(self, provider: str, family: Family, now: int) -> Account:
        account = self._accounts.get(provider)
        if account is None:
            config = self._config
            rolling = config.window == "rolling"
            account = Account(family, config.account_rpm, config.account_tpm, rolling, now)
            self._accounts[provider] = account
        return account


def _levels(levels: Mapping[str, Level], now: int, unlimited: frozenset[str]) -> dict[str, Any]:
    return {
        cause: {
            "limit": None if cause in unlimited else level.per_minute,
            "used": level.used(now),
            "peak": level.peak,
            "total": level.total,
        }
        for cause, level in levels.items()
    }


def _concurrency(limits: Limits) -> dict[str, Any]:
    return {
        "concurrency": {
            "limit": limits.rates.concurrency,
            "used": limits.running,
            "peak": limits.most_running,
            "total": limits.begun,
        }
    }
