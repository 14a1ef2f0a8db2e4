from __future__ import annotations

import pickle

import msgspec
import pytest

from pointsman.secret import Secret


def test_only_reveal_shows_it() -> None:
    secret = Secret("hidden")
    assert secret.reveal() == "hidden"
    for text in (repr(secret), str(secret), f"{secret}", f"{[secret]}", "%s" % secret):  # noqa: UP031
        assert "hidden" not in text


def test_it_is_compared_by_value() -> None:
    assert Secret("a") == Secret("a") != Secret("b")
    assert hash(Secret("a")) == hash(Secret("a"))
    assert Secret("a") != "a"
    assert not Secret("")
    assert Secret("a")


def test_it_is_never_written_out() -> None:
    with pytest.raises(TypeError):
        pickle.dumps(Secret("hidden"))
    with pytest.raises(TypeError):
        msgspec.json.encode(Secret("hidden"))
