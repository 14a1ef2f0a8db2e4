import msgspec
import pytest

from pointsman.catalog import load_catalog
from pointsman.errors import InvalidRequest, ModelNotFound
from pointsman.simulator.menu import Menu
from pointsman.simulator.paths import Place
from pointsman.simulator.preparation import Preparation
from tests.support.simulated import KEY, VERSION, anthropic_body, openai_body

OPENAI = Place("openai", "openai", "chat")
ANTHROPIC = Place("anthropic", "anthropic", "chat")


def _preparation(seed: int = 0) -> Preparation:
    return Preparation(seed, Menu(load_catalog(), None))


def test_the_same_content_has_the_same_answer_and_another_seed_another() -> None:
    body = msgspec.json.encode(openai_body())
    first = _preparation().prepare(OPENAI, KEY, body, b"s")
    assert _preparation().prepare(OPENAI, KEY, body, b"s") == first
    assert _preparation(1).prepare(OPENAI, KEY, body, b"s").answer != first.answer


def test_a_request_is_remembered_with_its_version() -> None:
    preparation = _preparation()
    body = msgspec.json.encode(anthropic_body(temperature=0.5))
    kept = preparation.prepare(ANTHROPIC, KEY | VERSION, body, b"s")
    assert preparation.prepare(ANTHROPIC, KEY | VERSION, body, b"s") is kept
    with pytest.raises(InvalidRequest, match="temperature"):
        preparation.prepare(ANTHROPIC, KEY | {"anthropic-version": "2026-10-21"}, body, b"s")


def test_only_cached_prices_make_a_cache() -> None:
    long = msgspec.json.encode(openai_body("rail " * 2000))
    assert _preparation().prepare(OPENAI, KEY, long, b"s").prefixes
    uncached = msgspec.json.encode(openai_body("rail " * 2000, model="gpt-6.2-sol"))
    assert _preparation().prepare(OPENAI, KEY, uncached, b"t").prefixes == ()


def test_an_unknown_model() -> None:
    with pytest.raises(ModelNotFound):
        _preparation().prepare(OPENAI, KEY, msgspec.json.encode(openai_body(model="gpt-0")), b"s")
