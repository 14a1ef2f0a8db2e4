"""When to come back, in all its forms."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from pointsman.resilience.retry_after import retry_after

NOW = datetime(2026, 11, 22, 10, 0, 10, tzinfo=UTC)
AT_30, AT_00 = "Sun, 22 Nov 2026 10:00:30 GMT", "Sun, 22 Nov 2026 10:00:00 GMT"


@pytest.mark.parametrize(
    ("headers", "without_clock", "with_clock"),
    [
        ({}, None, None),
        ({"retry-after": "12"}, 12.0, 12.0),
        ({"retry-after": "0.5"}, 0.5, 0.5),
        ({"retry-after": "0"}, 0.0, 0.0),
        ({"retry-after-ms": "1500", "retry-after": "9"}, 1.5, 1.5),
        ({"retry-after-ms": "soon", "retry-after": "9"}, 9.0, 9.0),
        ({"retry-after": AT_30, "date": AT_00}, 30.0, 30.0),
        ({"retry-after": AT_00, "date": AT_30}, 0.0, 0.0),
        ({"retry-after": AT_30}, None, 20.0),
        ({"retry-after": AT_30, "date": "today"}, None, 20.0),
        ({"retry-after": "Sun, 22 Nov 2026 10:00:30 -0000", "date": AT_00}, 30.0, 30.0),
        ({"retry-after": "Sunday, 22-Nov-26 10:00:30 GMT", "date": AT_00}, 30.0, 30.0),
        ({"retry-after": "-1"}, None, None),
        ({"retry-after": "nan"}, None, None),
        ({"retry-after": "inf"}, None, None),
        ({"retry-after": "soon"}, None, None),
        ({"retry-after": ""}, None, None),
        ({"retry-after": "99 99 99"}, None, None),
    ],
)
def test_the_forms(headers: dict[str, str], without_clock: float | None, with_clock: float | None) -> None:
    assert retry_after(headers) == without_clock
    assert retry_after(headers, NOW) == with_clock
