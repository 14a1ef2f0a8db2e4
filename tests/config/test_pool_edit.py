from __future__ import annotations

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.config.pool_edit import with_pool

WHOLE = """# a comment
[auto.other]
pool = ["x", "y"]

[auto.default]  # what auto means
policy = "learned"
pool = [
    "small",  # a bracket ] in a comment
    "lar]ge",
]
floor = 0.98

[server]
port = 1
"""


def test_only_the_pool_changes() -> None:
    assert with_pool(WHOLE, "default", ["a", "b"]) == WHOLE.replace(
        """[
    "small",  # a bracket ] in a comment
    "lar]ge",
]""",
        '["a", "b"]',
    )


@pytest.mark.parametrize(
    "header", ["[auto.default]", '[auto."default"]', "[ auto . 'default' ]", "  [auto.default] # x"]
)
def test_headers_as_people_write_them(header: str) -> None:
    assert with_pool(f"{header}\npool=['a']\n", "default", ['q"']) == f'{header}\npool=["q\\""]\n'


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[auto]\ndefault = {pool = ['a']}\n",
        "auto.default.pool = ['a']\n",
        "[auto.default]\nbaseline = 'a'\n[auto.other]\npool = ['a']\n",
        "[auto.default]\nbaseline = '''\npool = ['x']\n'''\npool = ['a']\n",
        "[auto.default.shadow]\nshare = 0.1\n[auto.other]\npool = ['a']\n",
    ],
)
def test_what_cannot_be_changed_safely_is_left_to_the_user(text: str) -> None:
    assert with_pool(text, "default", ["b"]) is None


def test_what_is_no_toml_is_an_error() -> None:
    with pytest.raises(tomllib.TOMLDecodeError):
        with_pool("[auto.default", "default", ["b"])


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=8)))
def test_any_name_is_quoted_so_that_it_is_read_again_or_left(pool: list[str]) -> None:
    changed = with_pool(WHOLE, "default", pool)
    if changed is None:
        assert "\x7f" in "".join(pool)
    else:
        assert tomllib.loads(changed)["auto"]["default"]["pool"] == pool
        assert tomllib.loads(changed)["server"] == {"port": 1}
