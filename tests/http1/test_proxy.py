from __future__ import annotations

import pytest

from pointsman.errors import ConfigurationError
from pointsman.http1 import Proxy, ProxyRules
from pointsman.http1.url import parse_target

_P, _Q = "http://p:1", "http://q:2"


@pytest.mark.parametrize(
    ("environment", "url", "chosen"),
    [
        ({}, "https://x.com/", None),
        ({"HTTPS_PROXY": _P}, "https://x.com/", "p:1"),
        ({"HTTPS_PROXY": _P}, "http://x.com/", None),
        ({"http_proxy": _P}, "http://x.com/", "p:1"),
        ({"https_proxy": _P, "HTTPS_PROXY": _Q}, "https://x.com/", "p:1"),
        ({"https_proxy": " ", "HTTPS_PROXY": _Q}, "https://x.com/", "q:2"),
        ({"ALL_PROXY": _P}, "https://x.com/", "p:1"),
        ({"all_proxy": _P, "HTTPS_PROXY": _Q}, "https://x.com/", "q:2"),
        ({"HTTP_PROXY": _P, "REQUEST_METHOD": "GET"}, "http://x.com/", None),
        ({"http_proxy": _P, "REQUEST_METHOD": "GET"}, "http://x.com/", "p:1"),
        ({"ALL_PROXY": "p:1"}, "https://x.com/", "p:1"),
        ({"ALL_PROXY": "http://p"}, "https://x.com/", "p:80"),
        ({"ALL_PROXY": "https://p"}, "https://x.com/", "p:443"),
        ({"ALL_PROXY": "http://[::2]:1"}, "https://x.com/", "[::2]:1"),
        ({"ALL_PROXY": "socks5://s:1", "HTTP_PROXY": _P, "HTTPS_PROXY": _Q}, "https://x.com/", "q:2"),
    ],
)
def test_choice(environment: dict[str, str], url: str, chosen: str | None) -> None:
    proxy = ProxyRules.from_environment(environment).choose(parse_target(url))
    assert (proxy and proxy.authority) == chosen


@pytest.mark.parametrize("url", ["http://localhost:1/", "https://127.0.0.1/", "http://[::1]/"])
def test_this_machine_is_never_asked_for_through_a_proxy(url: str) -> None:
    assert ProxyRules.from_environment({"ALL_PROXY": _P}).choose(parse_target(url)) is None


@pytest.mark.parametrize(
    ("no_proxy", "host", "direct"),
    [
        ("*", "x.com", True),
        ("x.com", "x.com", True),
        ("x.com", "api.x.com", True),
        ("x.com", "notx.com", False),
        (".x.com", "api.x.com", True),
        (".x.com", "x.com", True),
        ("*.x.com", "api.x.com", True),
        ("X.COM", "x.com", True),
        ("a.com, x.com", "x.com", True),
        ("a.com x.com", "x.com", True),
        ("a.com", "x.com", False),
        ("x.com:8443", "x.com:8443", True),
        ("x.com:8443", "x.com", False),
        ("10.0.0.0/8", "10.1.2.3", True),
        ("10.0.0.0/8", "11.1.2.3", False),
        ("10.0.0.0/8", "x.com", False),
        ("10.1.2.3", "10.1.2.3", True),
        ("10.1.2.3:80", "10.1.2.3:80", True),
        ("10.1.2.3:80", "10.1.2.3:81", False),
        ("fd00::/8", "[fd12::1]", True),
        ("fd12::1", "[fd12::1]", True),
        ("[fd12::1]:8080", "[fd12::1]:8080", True),
        ("[fd12::1]:8080", "[fd12::1]", False),
        ("", "x.com", False),
    ],
)
def test_bypass(no_proxy: str, host: str, direct: bool) -> None:
    rules = ProxyRules.from_environment({"ALL_PROXY": _P, "NO_PROXY": no_proxy})
    assert (rules.choose(parse_target(f"https://{host}/")) is None) is direct


def test_credentials_become_a_header_and_appear_nowhere_else() -> None:
    rules = ProxyRules.from_environment({"HTTPS_PROXY": "http://us%40er:hunter2@p:1"})
    assert rules.https == Proxy("http", "p", 1, "Basic dXNAZXI6aHVudGVyMg==")
    for text in (repr(rules), str(rules), f"{rules.https}"):
        assert "hunter2" not in text
        assert "dXNA" not in text


@pytest.mark.parametrize(
    "value", ["socks5://u:hunter2@s:1", "ftp://u:hunter2@s", "http://", "http://hunter2:x/"]
)
def test_what_cannot_be_a_proxy_is_refused_by_name(value: str) -> None:
    with pytest.raises(ConfigurationError, match="HTTPS_PROXY") as caught:
        ProxyRules.from_environment({"HTTPS_PROXY": value})
    assert "hunter2" not in caught.value.message
    assert caught.value.param == "HTTPS_PROXY"
