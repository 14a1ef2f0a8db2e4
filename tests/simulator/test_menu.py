import pytest

from pointsman.catalog import load_catalog
from pointsman.errors import ModelNotFound
from pointsman.simulator.menu import Menu
from pointsman.simulator.replay import parse_replay

LINE = b'{"prompt": "p", "answers": {"gpt-4o-2024-08-06": {"text": "a"}, "gpt-2": {"text": "b"}}}'
MENU = Menu(load_catalog(), parse_replay([LINE], "x"))


@pytest.mark.parametrize(
    ("name", "provider", "found"),
    [
        ("gpt-4o", "openai", "gpt-4o"),
        ("gpt-4o-2024-08-06", "openai", "gpt-4o"),
        ("gpt-4o", "holysheep", "gpt-4o"),
        ("claude-opus-4-5", "holysheep", "claude-opus-4-5"),
        ("models/gemini-2.5-flash", "gemini", "gemini-2.5-flash"),
        ("claude-sonnet-4-20250514", "anthropic", "claude-sonnet-4-20250514"),
        ("gpt-2", "openai", "gpt-2"),
    ],
)
def test_served(name: str, provider: str, found: str) -> None:
    assert MENU.find(name, provider).id == found


@pytest.mark.parametrize(("name", "provider"), [("gpt-4o", "anthropic"), ("gpt-3", "openai"), ("", "openai")])
def test_not_served(name: str, provider: str) -> None:
    with pytest.raises(ModelNotFound):
        MENU.find(name, provider)


def test_lists_what_is_not_retired() -> None:
    listed = {model.id for model in MENU.listed("anthropic")}
    assert "claude-haiku-4-5" in listed
    assert "claude-sonnet-4-20250514" not in listed


def test_a_recorded_answer_is_found_by_the_id_and_by_an_alias() -> None:
    model = MENU.find("gpt-4o", "openai")
    assert MENU.recorded(model, "gpt-4o", "p") == "a"
    assert MENU.recorded(model, "gpt-4o", "q") is None
    assert Menu(load_catalog(), None).recorded(model, "gpt-4o", "p") is None
