from __future__ import annotations

from pathlib import Path

import pytest

from pointsman.cli.route.installing import install
from pointsman.config import AutoRoute, AutoSettings
from pointsman.errors import InvalidRequest
from pointsman.routing.evidence.certificate import encode_certificate
from pointsman.routing.journal.sqlite import SqliteRouters
from tests.support.routers import certified

AUTO = AutoRoute("x", ("a", "b"), ("a", "b"), (), AutoSettings(pool=("a", "b")))


def test_a_certificate_is_kept_though_its_router_is_not_there(tmp_path: Path) -> None:
    store = SqliteRouters(tmp_path / "a.db", now_us=lambda: 7)
    file = tmp_path / "cert.json"
    file.write_bytes(encode_certificate(certified(("a", "b"))))
    assert install(store, AUTO, None, file, 7) == "no_router"
    assert store.in_service()["x"].certificate_id.startswith("cert_")


@pytest.mark.parametrize("models", [("a", "c"), ("b", "a")])
def test_another_pool_or_baseline_is_refused(tmp_path: Path, models: tuple[str, ...]) -> None:
    store = SqliteRouters(tmp_path / "a.db", now_us=lambda: 7)
    file = tmp_path / "cert.json"
    file.write_bytes(encode_certificate(certified(models)))
    with pytest.raises(InvalidRequest, match="the pool of"):
        install(store, AUTO, None, file, 7)
    assert store.in_service() == {}
