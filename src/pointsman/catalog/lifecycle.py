"""When a model comes to its end, and what takes its place. "Today" is an argument."""

from __future__ import annotations

from datetime import date

from .model import Model, Status

NOTICE_DAYS = 90
"""A retirement this near is worth a warning."""


def status_on(model: Model, today: date) -> Status:
    """The status on that day: the data may be older than the retirement that it announces."""
    if model.retires is not None and model.retires <= today:
        return "retired"
    return model.status


def is_retired(model: Model, today: date) -> bool:
    return model.status == "retired" or status_on(model, today) == "retired"


def days_left(model: Model, today: date) -> int | None:
    """Days until the provider stops serving it; None if that is not known or past."""
    if model.retires is None or is_retired(model, today):
        return None
    return (model.retires - today).days


def retires_within(model: Model, today: date, days: int = NOTICE_DAYS) -> bool:
    """Still served, but not for longer than ``days`` more days."""
    left = days_left(model, today)
    return left is not None and left <= days


def lifecycle_warning(model: Model, today: date) -> str | None:
    """One sentence for the user of a model that is retired or soon will be; None if all is well."""
    if is_retired(model, today):
        when = f" on {model.retires}" if model.retires else ""
        return f"{model.id} was retired{when}{_successor(model)}"
    left = days_left(model, today)
    if left is None or left > NOTICE_DAYS:
        return None
    return f"{model.id} will be retired on {model.retires}, in {_days(left)}{_successor(model)}"


def _days(count: int) -> str:
    return "1 day" if count == 1 else f"{count} days"


def _successor(model: Model) -> str:
    return f"; its successor is {model.successor}" if model.successor else ""
