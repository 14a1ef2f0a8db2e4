"""Stops have stable names, since they stand in stores and caches."""

from __future__ import annotations

from pointsman.chat import Response, Stop, Text


def test_the_names_of_the_stops() -> None:
    assert {str(stop) for stop in Stop} == {
        "end",
        "stop_sequence",
        "length",
        "context_window",
        "tool_calls",
        "refusal",
        "pause",
        "other",
    }


def test_an_answer_without_usage_says_so() -> None:
    assert Response("id", "m", (Text("hi"),), Stop.END).usage is None
