from __future__ import annotations

from pointsman.http1 import HttpRequest, Leave, Timeouts


def test_leave_tells_once_and_only_whoever_listens() -> None:
    told: list[str] = []
    leave = Leave()
    leave.listen(lambda: told.append("first"))
    leave.listen(None)
    leave.listen(lambda: told.append("second"))
    assert not leave.gone
    leave.now()
    leave.now()
    assert (told, leave.gone) == (["second"], True)


def test_whoever_listens_too_late_is_told_at_once() -> None:
    told: list[str] = []
    leave = Leave()
    leave.now()
    leave.listen(None)
    leave.listen(lambda: told.append("late"))
    assert told == ["late"]


def test_defaults_are_finite() -> None:
    timeouts = Timeouts()
    assert None not in (timeouts.connect, timeouts.first_byte, timeouts.idle, timeouts.total)
    assert HttpRequest("GET", "http://x/") == HttpRequest("GET", "http://x/", (), b"")
