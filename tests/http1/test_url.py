from __future__ import annotations

import pytest

from pointsman.errors import ConfigurationError
from pointsman.http1.url import Target, is_loopback, parse_target


@pytest.mark.parametrize(
    ("url", "target", "host_header"),
    [
        ("https://api.x.com/v1/chat", Target("https", "api.x.com", 443, "/v1/chat"), "api.x.com"),
        ("http://API.x.com", Target("http", "api.x.com", 80, "/"), "api.x.com"),
        ("HTTPS://x.com:8443/?a=b&c", Target("https", "x.com", 8443, "/?a=b&c"), "x.com:8443"),
        ("http://x.com:443/a#b", Target("http", "x.com", 443, "/a"), "x.com:443"),
        ("http://[::1]:9000/a", Target("http", "::1", 9000, "/a"), "[::1]:9000"),
        ("https://[::1]/a", Target("https", "::1", 443, "/a"), "[::1]"),
        ("https://münchen.de/", Target("https", "xn--mnchen-3ya.de", 443, "/"), "xn--mnchen-3ya.de"),
    ],
)
def test_urls(url: str, target: Target, host_header: str) -> None:
    assert parse_target(url) == target
    assert target.host_header == host_header


def test_authority_always_names_the_port() -> None:
    assert parse_target("https://x.com/").authority == "x.com:443"
    assert parse_target("https://[::1]/").origin == "https://[::1]:443"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "x.com/v1",
        "//x.com/v1",
        "ftp://x.com/",
        "https:///v1",
        "https://x.com:99999/",
        "https://x.com:port/",
        "https://[::1/",
        "https://x.com/a b",
        "https://x.com/a\r\nx: y",
        "https://x.com/ä",
        "https://a..b/",
        f"https://{'a' * 64}.com/",
    ],
)
def test_what_is_no_upstream_url(url: str) -> None:
    with pytest.raises(ConfigurationError):
        parse_target(url)


def test_credentials_in_a_url_are_refused_and_not_repeated() -> None:
    with pytest.raises(ConfigurationError) as caught:
        parse_target("https://user:hunter2@x.com/")
    assert "hunter2" not in caught.value.message


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        ("localhost", True),
        ("a.localhost", True),
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("10.0.0.1", False),
        ("localhost.com", False),
        ("notlocalhost", False),
        ("0.0.0.0", False),
    ],
)
def test_loopback(host: str, loopback: bool) -> None:
    assert is_loopback(host) is loopback
