"""A request says only what the caller said."""

from __future__ import annotations

from pointsman.chat import Message, Request, Text


def test_what_is_not_said_is_none_or_empty() -> None:
    request = Request(model="m", messages=(Message("user", (Text("hi"),)),))
    unsaid = {name: getattr(request, name) for name in request.__struct_fields__[2:]}
    assert all(value in (None, (), "", False, {}) for value in unsaid.values()), unsaid


def test_the_default_of_one_request_is_not_shared_with_another() -> None:
    first, second = Request(model="m", messages=()), Request(model="m", messages=())
    first.unmapped["seed"] = 1
    assert second.unmapped == {}
