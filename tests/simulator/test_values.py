import msgspec
import pytest

from pointsman.simulator.values import End


def test_values_do_not_change() -> None:
    end = End("ok", 3, True, 3)
    with pytest.raises(AttributeError):
        end.shown = 4  # type: ignore[misc]  # frozen, which is what is tested
    assert msgspec.structs.replace(end, outcome="cut") == End("cut", 3, True, 3)
