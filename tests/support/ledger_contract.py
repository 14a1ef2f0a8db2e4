"""What every ledger must do, whatever it is made of. A test class inherits it, with a fixture "ledger"."""

from __future__ import annotations

from typing import Protocol

import pytest

from pointsman.ledger import Entry, Ledger, UsageQuery, UsageRow
from tests.support.ledger_entries import HOUR_US, NOON_US, a_retried_entry, an_attempt, an_entry


class ReportingLedger(Ledger, Protocol):
    async def report(self, query: UsageQuery) -> list[UsageRow]: ...


def costs(rows: list[UsageRow]) -> list[tuple[tuple[str, ...], int, int]]:
    return [(tuple(row.group.values()), row.requests, row.cost) for row in rows]


class LedgerContract:
    @pytest.mark.parametrize(
        "entry",
        [
            pytest.param(an_entry(), id="one attempt"),
            pytest.param(a_retried_entry(), id="two attempts"),
            pytest.param(an_entry(attempts=(), usage=None, cost=0, outcome="error"), id="none"),
            pytest.param(an_entry(attempts=(an_attempt(cost=None),), cost=None), id="unpriced"),
            pytest.param(an_entry(attempts=(an_attempt(cost=1),), cost=2), id="sums differ"),
            pytest.param(an_entry(attempts=(an_attempt(number=2),)), id="number differs"),
            pytest.param(an_entry(ttft_us=None, stream=True, estimated=True), id="cut"),
        ],
    )
    async def test_an_entry_is_found_again_as_it_was(self, ledger: ReportingLedger, entry: Entry) -> None:
        ledger.record(entry)
        assert await ledger.find(entry.request_id) == entry
        await ledger.flush()
        assert await ledger.find(entry.request_id) == entry

    async def test_what_was_never_recorded_is_not_found(self, ledger: ReportingLedger) -> None:
        assert await ledger.find("req_none") is None

    async def test_the_same_id_counts_once_and_the_first_entry_stays(self, ledger: ReportingLedger) -> None:
        ledger.record(an_entry("one"))
        ledger.record(a_retried_entry("one", cost=7))
        await ledger.flush()
        ledger.record(an_entry("one", cost=8))
        ledger.record(an_entry("two", cost=5))
        await ledger.flush()
        assert await ledger.find("one") == an_entry("one")
        assert costs(await ledger.report(UsageQuery(by=()))) == [((), 2, 5_810_000_005)]

    async def test_several_at_once_are_as_those_one_by_one(self, ledger: ReportingLedger) -> None:
        ledger.record(an_entry("a", cost=1))
        ledger.record_all([an_entry(name, cost=2) for name in "abc"])
        found = [await ledger.find(name) for name in "abc"]
        assert [entry.cost for entry in found if entry is not None] == [1, 2, 2]
        (row,) = await ledger.report(UsageQuery(by=()))
        assert (row.requests, row.cost) == (3, 5)

    async def test_what_requests_elsewhere_pay_is_money_and_no_request(self, ledger: ReportingLedger) -> None:
        ledger.record(an_entry("made", cost=7))
        ledger.record(an_entry("rider.made", cost=3, cache="part", provider="cache", key_name="other"))
        rows = {row.group["key"]: row for row in await ledger.report(UsageQuery(by=("key",)))}
        assert (rows["other"].requests, rows["other"].hits, rows["other"].cost) == (0, 0, 3)
        assert sum(row.cost for row in rows.values()) == 10

    async def test_a_report_sums_up_what_was_recorded(self, ledger: ReportingLedger) -> None:
        ledger.record(an_entry("ok"))
        ledger.record(a_retried_entry("retried"))
        ledger.record(
            an_entry("none", outcome="error", usage=None, cost=None, model="", provider="", attempts=())
        )
        ledger.record(an_entry("cut", outcome="cut", estimated=True))
        assert await ledger.report(UsageQuery(by=("model",))) == [
            UsageRow({"model": "claude-sonnet-5-5"}, 2, 0, 2, 2600, 200, 680, 11_620_000_000, 0, 1),
            UsageRow({"model": "gpt-6-luna"}, 1, 0, 2, 1300, 100, 340, 5_810_000_000, 0, 0),
            UsageRow({"model": ""}, 1, 1, 0, 0, 0, 0, 0, 1, 0),
        ]

    async def test_since_is_within_and_until_is_not(self, ledger: ReportingLedger) -> None:
        for number, at_us in enumerate((NOON_US - 1, NOON_US, NOON_US + HOUR_US - 1, NOON_US + HOUR_US)):
            ledger.record(an_entry(f"req_{number}", at_us=at_us, cost=10**number))
        query = UsageQuery(since_us=NOON_US, until_us=NOON_US + HOUR_US, by=())
        assert costs(await ledger.report(query)) == [((), 2, 110)]

    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            (UsageQuery(by=("key",)), [(("b",), 1, 20), (("a",), 2, 11)]),
            (UsageQuery(by=("tenant",)), [(("y",), 1, 20), (("x",), 2, 11)]),
            (UsageQuery(by=("key", "model")), [(("b", "m"), 1, 20), (("a", "n"), 1, 10), (("a", "m"), 1, 1)]),
            (UsageQuery(by=("day",)), [(("2026-09-25",), 2, 11), (("2026-09-26",), 1, 20)]),
            (UsageQuery(by=("outcome",)), [(("ok",), 3, 31)]),
            (UsageQuery(by=(), key="a"), [((), 2, 11)]),
            (UsageQuery(by=(), key="key_b"), [((), 1, 20)]),
            (UsageQuery(by=(), model="m", tenant="x"), [((), 1, 1)]),
            (UsageQuery(by=(), provider="nobody"), []),
        ],
    )
    async def test_groups_and_filters(
        self, ledger: ReportingLedger, query: UsageQuery, expected: list[tuple[tuple[str, ...], int, int]]
    ) -> None:
        ledger.record(an_entry("1", key_id="key_a", key_name="a", tenant="x", model="m", cost=1))
        ledger.record(an_entry("2", key_id="key_a", key_name="a", tenant="x", model="n", cost=10))
        tomorrow = NOON_US + 12 * HOUR_US
        ledger.record(
            an_entry("3", key_id="key_b", key_name="b", tenant="y", model="m", cost=20, at_us=tomorrow)
        )
        assert costs(await ledger.report(query)) == expected

    async def test_sums_beyond_64_bits_are_exact(self, ledger: ReportingLedger) -> None:
        for number in range(5):
            ledger.record(an_entry(f"req_{number}", cost=2**63 - 1))
        assert costs(await ledger.report(UsageQuery(by=()))) == [((), 5, 5 * (2**63 - 1))]

    async def test_closing_twice_is_nothing(self, ledger: ReportingLedger) -> None:
        ledger.record(an_entry())
        await ledger.close()
        await ledger.close()
