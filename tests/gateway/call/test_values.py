"""Values of the journey."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.gateway.call.values import header_value, make_route
from pointsman.gateway.edge.accept import ANTHROPIC
from pointsman.providers import Provider
from tests.support.models import a_model

PROVIDER = Provider(name="acme", dialect="anthropic_messages", base_url="https://acme/v1/")


def test_a_route_of_a_known_model_is_named_by_the_catalog() -> None:
    route = make_route(PROVIDER, ANTHROPIC, "acme-m", a_model("m"))
    assert (route.url, route.upstream_model, route.name) == ("https://acme/v1/messages", "acme-m", "m")
    assert route.pricer is not None
    assert (route.model_header, route.provider_header) == (
        (b"x-pointsman-model", b"m"),
        (b"x-pointsman-provider", b"acme"),
    )


def test_a_route_of_an_unknown_model_is_named_as_its_provider_does_and_has_no_price() -> None:
    route = make_route(PROVIDER, ANTHROPIC, "new", None)
    assert (route.name, route.model, route.pricer) == ("new", None, None)


@pytest.mark.parametrize(
    ("text", "value"), [("", b""), ("plain", b"plain"), ("a\r\nb", b"a??b"), ("é€\x7f\0", b"????")]
)
def test_header_values(text: str, value: bytes) -> None:
    assert header_value(text) == value


@given(st.text())
def test_no_text_can_end_a_header(text: str) -> None:
    value = header_value(text)
    assert len(value) == len(text)
    assert all(0x20 <= byte <= 0x7E for byte in value)
