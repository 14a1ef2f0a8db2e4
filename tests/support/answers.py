"""Whole answers of the hub, for property tests."""

from __future__ import annotations

from hypothesis import strategies as st

from pointsman.chat import Part, RedactedThinking, Refusal, Response, Stop, Text, Thinking, ToolCall, Usage

PARTS: st.SearchStrategy[Part] = st.one_of(
    st.builds(Text, st.text(min_size=1, max_size=9)),
    st.builds(Thinking, st.text(max_size=9), st.text(max_size=3)),
    st.builds(RedactedThinking, st.text(max_size=9)),
    st.builds(Refusal, st.text(min_size=1, max_size=9)),
    st.builds(ToolCall, st.text(max_size=5), st.text(max_size=5), st.just('{"a":1}')),
)
USAGES = st.none() | st.builds(Usage, st.integers(0, 99), st.integers(0, 99))
ANSWERS = st.builds(
    Response,
    st.text(max_size=5),
    st.text(max_size=5),
    st.lists(PARTS, max_size=4).map(tuple),
    st.sampled_from(Stop),
    USAGES,
    st.none() | st.text(max_size=3),
    st.integers(0, 9),
)
