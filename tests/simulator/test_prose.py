import ast

import pytest

from pointsman.simulator.dice import Dice
from pointsman.simulator.prose import code_language, compose, language_of, topic_of


@pytest.mark.parametrize(
    ("prompt", "language"),
    [
        ("What is the difference between a mutex and a semaphore?", "en"),
        ("Wie ist das Wetter und was soll ich für die Reise mitnehmen?", "de"),
        ("Quelle est la capitale de la France et comment y aller ?", "fr"),
        ("¿Cuál es la capital de España y cómo llego desde el aeropuerto?", "es"),
        ("Как приготовить борщ?", "ru"),
        ("日本の首都はどこですか？", "ja"),
        ("中国的首都是哪里？", "zh"),
        ("한국의 수도는 어디입니까?", "ko"),
        ("ما هي عاصمة مصر؟", "ar"),
        ("भारत की राजधानी क्या है?", "hi"),
        ("", "en"),
        ("42 + 17 =", "en"),
        ("😀" * 50, "en"),
    ],
)
def test_language(prompt: str, language: str) -> None:
    assert language_of(prompt) == language


@pytest.mark.parametrize(
    ("prompt", "language"),
    [
        ("Write a Rust function that adds numbers", "rust"),
        ("Write an SQL query for monthly revenue", "sql"),
        ("Write a function that adds numbers", "python"),
        ("Tell me a story", None),
    ],
)
def test_code_language(prompt: str, language: str | None) -> None:
    assert code_language(prompt) == language


def test_code_is_code_in_a_fence() -> None:
    text = compose("Write a Python function to sort timetables", Dice(0, b""), 20)
    block = text.split("```python\n")[1].split("\n```")[0]
    assert ast.parse(block).body


@pytest.mark.parametrize("words", [1, 40, 400])
def test_length(words: int) -> None:
    written = len(compose("Why do trains run late?", Dice(0, b""), words).split())
    assert words <= written <= words + 30


def test_topic_is_a_word_of_the_prompt() -> None:
    assert topic_of("Please explain railways", Dice(0, b"")) == "railways"
    assert topic_of("??", Dice(0, b"")) == "this"
