from __future__ import annotations

import pytest

from pointsman.errors import ConfigurationError
from pointsman.routing.cascade.safe_pattern import compile_safe


@pytest.mark.parametrize(
    "pattern",
    [
        r"answer:\s*(\d+)",
        r"(?i)answer is (?P<a>yes|no)",
        r"<result>(.*?)</result>",
        r"(?:\d{3},)*\d{3}",
        r"[^]]+x",
        r"[\]a]{2,}",
        r"(a|b)?c",
        r"\.(?=x)(?<!y)",
    ],
)
def test_what_takes_little_time_is_let_through(pattern: str) -> None:
    assert compile_safe(pattern, "p").pattern == pattern


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        (r"(a+)+b", "in more ways than one"),
        (r"(a|aa)*b", "in more ways than one"),
        (r"((a?)b)*c", "in more ways than one"),
        (r"(?:\d+,){2,}", "in more ways than one"),
        (r"(a)\1", "refers back"),
        (r".*x.*", "matches anything"),
        (r"[^a]*\W+", "matches anything"),
        (r"(?P=a)", "is no regular expression"),
        (r"(?>a+)b", "rare kind"),
        (r"(", "is no regular expression"),
        ("a" * 501, "1 to 500"),
        ("", "1 to 500"),
    ],
)
def test_what_could_take_for_ever_is_refused(pattern: str, why: str) -> None:
    with pytest.raises(ConfigurationError, match=why) as refused:
        compile_safe(pattern, "auto.x.extract")
    assert refused.value.param == "auto.x.extract"
