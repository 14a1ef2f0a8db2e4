import statistics

from pointsman.simulator.dice import Dice


def test_draws_follow_from_seed_subject_turn_and_name() -> None:
    draws = {
        Dice(seed, subject, turn).bits(name)
        for seed in (0, 1)
        for subject in (b"a", b"b")
        for turn in (0, 1)
        for name in ("x", "y")
    }
    assert len(draws) == 16
    assert Dice(1, b"a", 2).bits("x") == Dice(1, b"a", 2).bits("x")


def test_neighbouring_seeds_and_turns_do_not_meet() -> None:
    assert Dice(1, b"1/a", 1).bits("x") != Dice(1, b"a", 11).bits("x")


def test_draws_have_their_distribution() -> None:
    dices = [Dice(7, str(number).encode()) for number in range(2000)]
    uniform = [dice.uniform("u") for dice in dices]
    assert 0.0 <= min(uniform) < max(uniform) < 1.0
    assert abs(statistics.fmean(uniform) - 0.5) < 0.03
    assert abs(statistics.median(dice.log_normal("l", 0.5, 0.3) for dice in dices) - 0.5) < 0.03
    assert {dice.integer("i", 3, 5) for dice in dices} == {3, 4, 5}
    assert {dice.choice("c", "ab") for dice in dices} == {"a", "b"}


def test_tokens_are_letters_and_digits() -> None:
    token = Dice(0, b"").token("id", 22)
    assert len(token) == 22
    assert token.isalnum()
