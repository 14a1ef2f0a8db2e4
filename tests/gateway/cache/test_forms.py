"""Each form of an answer, from each other one."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from pointsman.caching.kept.stored import Form, Stored, Told, folded
from pointsman.chat import Response, Usage
from pointsman.dialects import get_dialect
from pointsman.errors import PointsmanError
from pointsman.gateway.cache.forms import form_of, in_form, read, whole_of
from pointsman.gateway.call.call import Call
from pointsman.gateway.call.values import Plan
from tests.support.arrivals import an_arrival
from tests.support.gateway import a_route, ask
from tests.support.provider_bytes import ANTHROPIC_EVENTS, ANTHROPIC_WHOLE, OPENAI_EVENTS, OPENAI_WHOLE

FORMS = [
    Form("openai_chat"),
    Form("openai_chat", True),
    Form("openai_chat", True, tells_usage=False),
    Form("anthropic_messages"),
    Form("anthropic_messages", True),
]
BYTES = [
    OPENAI_WHOLE,
    b"".join(OPENAI_EVENTS),
    b"".join([*OPENAI_EVENTS[:4], OPENAI_EVENTS[5]]),
    ANTHROPIC_WHOLE,
    b"".join(ANTHROPIC_EVENTS),
]
AT = 1_795_000_000


def call_for(form: Form) -> Call:
    more: dict[str, Any] = {"stream": form.streams}
    if form.streams and form.dialect == "openai_chat":
        more["stream_options"] = {"include_usage": form.tells_usage}
    face = get_dialect(form.dialect)
    call = Call(an_arrival(ask("m", **more), face))
    call.decide(face.peek(call.arrival.body), Plan(a_route(), {}))
    return call


def kept(form: Form, said: bytes) -> Stored:
    usage = None if form.tells_usage else Usage(9, 5, cache_read=3)
    return Stored((Told(form, folded(form, said)),), b"k", "m", "acme", AT * 1_000_000, usage=usage)


def told(form: Form, said: bytes) -> Response:
    whole = whole_of(read(get_dialect(form.dialect), form, (said,)))
    assert whole is not None
    return whole


@pytest.mark.parametrize("form", FORMS)
def test_a_request_wants_one_form(form: Form) -> None:
    assert form_of(call_for(form)) == form


def test_who_wants_words_of_their_true_length_wants_another_one() -> None:
    face = get_dialect("openai_chat")
    call = Call(an_arrival(ask("m", stream=True, stream_options={"include_obfuscation": False}), face))
    call.decide(face.peek(call.arrival.body), Plan(a_route(), {}))
    assert form_of(call) == Form("openai_chat", True, tells_usage=False, padded=False)


@pytest.mark.parametrize(("made", "wanted"), list(product(range(len(FORMS)), repeat=2)))
def test_every_form_says_what_every_other_says(made: int, wanted: int) -> None:
    stored, form = kept(FORMS[made], BYTES[made]), FORMS[wanted]
    if made == wanted:
        assert stored.said(form) == BYTES[made]
        return
    assert stored.said(form) is None
    said, before = told(form, in_form(stored, form, call_for(form))), told(FORMS[made], BYTES[made])
    assert (said.parts, said.stop, said.model) == (before.parts, before.stop, before.model)
    assert said.id.endswith(before.id), "Anthropic's begin with a word of their own"
    assert said.usage == (Usage(9, 5, cache_read=3) if form.tells_usage else None)
    if form.dialect == "openai_chat":
        assert said.created == (before.created or AT)


def test_a_stream_without_its_usage_keeps_all_else_to_the_byte() -> None:
    assert in_form(kept(FORMS[1], BYTES[1]), FORMS[2], call_for(FORMS[2])) == BYTES[2]


@pytest.mark.parametrize(
    ("form", "said"),
    [
        (Form("of_tomorrow"), b"{}"),
        (Form("openai_chat"), b"none"),
        (Form("openai_chat", True), OPENAI_EVENTS[0]),
        (Form("anthropic_messages", True), b"event: message_start\ndata: 1\n\n"),
    ],
)
def test_what_cannot_be_read_is_an_error(form: Form, said: bytes) -> None:
    with pytest.raises(PointsmanError):
        in_form(kept(form, said), FORMS[3], call_for(FORMS[3]))
