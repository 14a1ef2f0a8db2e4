import pytest

from pointsman.demo.stage.plane import HEIGHT, Mark, plane

FLOOR = 0.98


def drawn(*marks: Mark, width: int = 60) -> list[str]:
    return [line.plain for line in plane(marks, FLOOR, width)]


def place_of(sign: str, lines: list[str]) -> tuple[int, int]:
    line = next(at for at, text in enumerate(lines[:HEIGHT]) if sign in text)
    return line, lines[line].index(sign)


@pytest.mark.parametrize("width", [60, 80, 100])
def test_dear_is_right_and_good_is_up(width: int) -> None:
    lines = drawn(Mark("S", 1.0, 1.0), Mark("L", 0.6, 0.992), Mark("W", 0.05, 0.82), width=width)
    (top, right), (middle, between), (low, left) = (place_of(sign, lines) for sign in "SLW")
    assert top <= middle < low and left < between < right
    assert all(len(line) <= width for line in lines)


def test_the_floor_is_a_line_with_its_label() -> None:
    lines = drawn(Mark("S", 1.0, 1.0), Mark("W", 0.05, 0.82))
    floor = next(line for line in lines if "98%" in line)
    assert "┄" * 20 in floor
    assert sum("┄" in line for line in lines) == 1


def test_a_mark_below_the_floor_stands_below_its_line_and_one_above_it_not() -> None:
    lines = drawn(Mark("S", 1.0, 1.0), Mark("K", 0.7, 0.93), Mark("W", 0.05, 0.7))
    floor = next(at for at, line in enumerate(lines) if "┄" in line)
    assert place_of("K", lines)[0] > floor >= place_of("S", lines)[0]


def test_of_two_in_one_place_both_are_seen() -> None:
    lines = drawn(Mark("L", 1.0, 1.0), Mark("S", 1.0, 1.0))
    assert place_of("L", lines)[0] == place_of("S", lines)[0]
    assert place_of("S", lines)[1] == place_of("L", lines)[1] - 1


def test_what_costs_more_than_the_baseline_fits_too() -> None:
    lines = drawn(Mark("S", 1.0, 1.0), Mark("X", 1.5, 1.02))
    assert place_of("X", lines)[1] > place_of("S", lines)[1]
    assert "105%" in lines[0]


def test_mixes_lie_on_a_line_between_both() -> None:
    strong, weak = Mark("S", 1.0, 1.0), Mark("W", 0.05, 0.8)
    lines = [line.plain for line in plane([strong, weak], FLOOR, 60, (weak, strong))]
    dots = [(at, line.index("·")) for at, line in enumerate(lines) if "·" in line]
    assert dots == sorted(dots, key=lambda dot: -dot[1])
    assert len(dots) >= HEIGHT - 2
    assert place_of("S", lines)[0] == 0
