import msgspec
import pytest

from pointsman.demo.routing.told import RouteTold, TuneTold
from tests.support.routing_act import CERTIFIED, REFUSED


@pytest.mark.parametrize(
    ("route", "share"),
    [(CERTIFIED, 0.54), (REFUSED, None), (msgspec.structs.replace(CERTIFIED, applied=False), None)],
)
def test_only_what_is_in_service_sends_anything_to_the_weak_model(
    route: RouteTold, share: float | None
) -> None:
    assert route.weak_share("gpt-6-luna") == share


def test_what_the_command_says_besides_is_let_pass() -> None:
    line = msgspec.json.encode({"routes": [msgspec.to_builtins(REFUSED) | {"more": 1}]})
    assert msgspec.json.decode(line, type=TuneTold).routes == [REFUSED]
