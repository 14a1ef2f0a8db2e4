from __future__ import annotations

import pytest

from pointsman.caching.semantic.tense import same_tense


@pytest.mark.parametrize(
    ("one", "other", "apart"),
    [
        ("who owned the house", "who owns the house", ("owned", "owns")),
        ("what happened in berlin", "what happens in berlin", ("happened", "happens")),
        ("did the company sue", "was the company sued", ("sue", "sued")),
        ("are you smoking", "do you smoke", ("smoking", "smoke")),
        ("is it included", "is it included there", None),
        ("has my parcel shipped", "has my parcel been shipped", None),
        ("resetting a password", "reset a password", None),
        ("i am not receiving it", "i do not receive it", None),
    ],
)
def test_forms_of_a_verb_that_do_not_go_together(one: str, other: str, apart: tuple[str, str] | None) -> None:
    assert same_tense(tuple(one.split()), tuple(other.split())) == apart
    turned = None if apart is None else apart[::-1]
    assert same_tense(tuple(other.split()), tuple(one.split())) == turned
