from typing import Any

from pointsman.simulator.invoice import Call, Invoice


def _call(**changes: Any) -> Call:
    values: dict[str, Any] = dict.fromkeys(Call.__struct_fields__, 0)
    values |= {"provider": "openai", "model": "m", "outcome": "ok", "stream": False, "usd": "0.1"}
    values |= {"client_request_id": "", "request_id": "", "usage_reported": True, "status": 200}
    return Call(**(values | changes))


def test_totals_are_exact() -> None:
    invoice = Invoice()
    for _ in range(10):
        invoice.add(_call(usd="0.1", input=2))
    invoice.add(_call(usd="0.000000000001"))
    invoice.add(_call(usd=None))
    invoice.add(_call(status=429, outcome="rejected", usd="0"))
    report = invoice.report(in_flight=1, summary=False)
    assert report["total_usd"] == "1.000000000001"
    assert (report["rejected_429"], report["unpriced"], report["in_flight"]) == (1, 1, 1)
    assert len(report["calls"]) == 13
    summary = invoice.report(in_flight=0, summary=True)
    assert summary["count"] == 13
    (row,) = summary["models"]
    assert (row["calls"], row["input"], row["usd"]) == (13, 20, "1.000000000001")
    assert row["outcomes"] == {"ok": 12, "rejected": 1}
    invoice.clear()
    assert len(invoice) == 0
