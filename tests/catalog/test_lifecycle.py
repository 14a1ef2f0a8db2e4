from __future__ import annotations

from datetime import date

import pytest

from pointsman.catalog import (
    Model,
    days_left,
    is_retired,
    lifecycle_warning,
    load_catalog,
    retires_within,
    status_on,
)
from tests.support.models import a_model

END = date(2026, 12, 11)
LEAVING = a_model("old", status="deprecated", retires=END, successor="new")
GONE = a_model("gone", status="retired", successor="new")
STAYING = a_model("new")

CASES: list[tuple[Model, date, str, int | None, bool, str | None]] = [
    # model, today, status, days left, within 90 days, warning
    (STAYING, END, "active", None, False, None),
    (LEAVING, date(2026, 9, 11), "deprecated", 91, False, None),
    (
        LEAVING,
        date(2026, 9, 12),
        "deprecated",
        90,
        True,
        "old will be retired on 2026-12-11, in 90 days; its successor is new",
    ),
    (
        LEAVING,
        date(2026, 12, 10),
        "deprecated",
        1,
        True,
        "old will be retired on 2026-12-11, in 1 day; its successor is new",
    ),
    (LEAVING, END, "retired", None, False, "old was retired on 2026-12-11; its successor is new"),
    (
        LEAVING,
        date(2027, 1, 1),
        "retired",
        None,
        False,
        "old was retired on 2026-12-11; its successor is new",
    ),
    (GONE, END, "retired", None, False, "gone was retired; its successor is new"),
    (
        a_model("x", status="retired", retires=END),
        date(2027, 1, 1),
        "retired",
        None,
        False,
        "x was retired on",
    ),
]


@pytest.mark.parametrize(("model", "today", "status", "left", "soon", "warning"), CASES)
def test_lifecycle(
    model: Model, today: date, status: str, left: int | None, soon: bool, warning: str | None
) -> None:
    assert status_on(model, today) == status
    assert is_retired(model, today) is (status == "retired")
    assert days_left(model, today) == left
    assert retires_within(model, today) is soon
    if warning is None:
        assert lifecycle_warning(model, today) is None
    else:
        assert str(lifecycle_warning(model, today)).startswith(warning)


def test_the_notice_can_be_another() -> None:
    assert retires_within(LEAVING, date(2026, 12, 1), days=10)
    assert not retires_within(LEAVING, date(2026, 12, 1), days=9)


def test_the_models_of_the_article_are_gone_and_name_their_successors() -> None:
    catalog, today = load_catalog(), date(2026, 11, 23)
    warnings = []
    for name in ("opus-4", "sonnet-4", "haiku-4", "deepseek-v3.2"):
        model = catalog.resolve(name)
        assert model is not None
        warnings.append(lifecycle_warning(model, today))
    assert warnings == [
        "claude-opus-4-20250514 was retired on 2026-06-15; its successor is claude-opus-5-5",
        "claude-sonnet-4-20250514 was retired on 2026-06-15; its successor is claude-sonnet-5-5",
        "claude-3-5-haiku-20241022 was retired on 2026-02-19; its successor is claude-haiku-4-5",
        "deepseek-chat was retired on 2026-07-24; its successor is deepseek-flash",
    ]
