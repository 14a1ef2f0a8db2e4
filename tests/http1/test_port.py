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


def test_each_of_several_calls_for_one_client_is_told() -> None:
    told: list[str] = []
    leave = Leave()
    leave.listen(lambda: told.append("parent"))
    one, other = leave.child(), leave.child()
    one.listen(lambda: told.append("one"))
    other.listen(lambda: told.append("other"))
    one.listen(None)
    leave.now()
    assert told == ["parent", "other"]
    assert one.gone and other.gone


def test_a_child_that_leaves_takes_nobody_along() -> None:
    leave = Leave()
    one, other = leave.child(), leave.child()
    one.now()
    assert (leave.gone, one.gone, other.gone) == (False, True, False)


def test_a_child_of_one_that_has_gone_has_gone() -> None:
    leave = Leave()
    leave.now()
    assert leave.child().gone


def test_defaults_are_finite() -> None:
    timeouts = Timeouts()
    assert None not in (timeouts.connect, timeouts.first_byte, timeouts.idle, timeouts.total)
    assert HttpRequest("GET", "http://x/") == HttpRequest("GET", "http://x/", (), b"")
