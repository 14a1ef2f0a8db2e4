import pytest

from pointsman.errors import ConfigurationError
from pointsman.simulator.dice import Dice
from pointsman.simulator.faults import PARAMETERS, Faults, Rule, parse_faults


@pytest.mark.parametrize(
    ("script", "rules"),
    [
        ("", ()),
        (" , ", ()),
        ("429:0.02", (Rule("429", 0.02),)),
        ("429:0.02:retry_after=1.5", (Rule("429", 0.02, retry_after=1.5),)),
        ("slow:0.1:factor=20, 500:0.9", (Rule("slow", 0.1, factor=20.0), Rule("500", 0.9))),
        ("reset:0.05:after=0", (Rule("reset", 0.05, after=0),)),
        ("stall:at=3+5:seconds=30", (Rule("stall", at=(3, 5), seconds=30.0),)),
        ("anthropic/529:0.3", (Rule("529", 0.3, scope=("anthropic",)),)),
        ("holysheep/gpt-4o/500:1", (Rule("500", 1.0, scope=("holysheep", "gpt-4o")),)),
    ],
)
def test_scripts(script: str, rules: tuple[Rule, ...]) -> None:
    assert parse_faults(script) == rules


@pytest.mark.parametrize(
    ("script", "piece", "why"),
    [
        ("429:0.1,explode:0.1", "explode:0.1", "no kind of fault"),
        ("429", "429", "say how often"),
        ("429:lots", "429:lots", "from 0 to 1"),
        ("429:1.5", "429:1.5", "from 0 to 1"),
        ("429:nan", "429:nan", "from 0 to 1"),
        ("429:0.1:after=3", "429:0.1:after=3", "no parameter of 429; it takes retry_after, at"),
        ("reset:0.1:after=-1", "reset:0.1:after=-1", "whole number of at least 0"),
        ("reset:at=0", "reset:at=0", "whole number of at least 1"),
        ("reset:0.1:5", "reset:0.1:5", "NAME=VALUE"),
        ("/429:0.1", "/429:0.1", "provider or model"),
        ("slow:0.1:factor=fast", "slow:0.1:factor=fast", "at least 0"),
        ("500:0.6,reset:0.6", "500:0.6,reset:0.6", "more than 1"),
    ],
)
def test_a_wrong_script_names_its_piece(script: str, piece: str, why: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        parse_faults(script)
    assert f"{piece!r}" in caught.value.message
    assert why in caught.value.message


@pytest.mark.parametrize("kind", PARAMETERS)
def test_every_kind_can_be_written(kind: str) -> None:
    (rule,) = parse_faults(f"{kind}:0.5")
    assert (rule.kind, rule.probability) == (kind, 0.5)


def test_exact_requests_are_struck_whatever_the_draw() -> None:
    faults = Faults(parse_faults("500:at=2+4,429:at=4"))
    struck = [faults.strike(Dice(0, b"%d" % n), "openai", "gpt-4o") for n in range(5)]
    assert [rule and rule.kind for rule in struck] == [None, "500", None, "500", None]


def test_a_scope_counts_only_its_own_requests() -> None:
    faults = Faults(parse_faults("anthropic/500:at=2"))
    order = ["openai", "anthropic", "openai", "anthropic", "anthropic"]
    struck = [faults.strike(Dice(0, b"x"), provider, "m") is not None for provider in order]
    assert struck == [False, False, False, True, False]


def test_probabilities_add_up_and_hold() -> None:
    faults = Faults(parse_faults("429:0.1,500:0.2,reset:0.3"))
    count = 3000
    kinds = [str(rule.kind) for n in range(count) if (rule := faults.strike(Dice(1, b"%d" % n), "p", "m"))]
    for kind, share in (("429", 0.1), ("500", 0.2), ("reset", 0.3)):
        assert abs(kinds.count(kind) / count - share) < 0.03
