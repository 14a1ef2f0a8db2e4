import io

import msgspec
import pytest
from rich.console import Console, RenderableType

from pointsman.demo.routing.ask import Counter
from pointsman.demo.routing.routing import LEARNED, STRONG, WEAK, Sent, lanes
from pointsman.demo.routing.show import (
    certificate_panel,
    learning,
    picture,
    racing,
    skills_table,
    verdict,
)
from pointsman.demo.routing.told import RouteTold
from tests.support.routing_act import CERTIFIED, REFUSED, a_report


def said(shown: RenderableType, width: int = 100) -> str:
    out = io.StringIO()
    Console(file=out, width=width, color_system=None).print(shown)
    return out.getvalue()


def words(shown: RenderableType, width: int = 100) -> str:
    return " ".join(said(shown, width).replace("│", " ").split())


def test_every_kind_stands_with_both_skills() -> None:
    table = said(skills_table())
    assert table.count("\n") == 7
    assert "time limits under contracts 50.0% 93.0% 12%" in words(skills_table())


def test_a_certificate_says_what_is_certified_and_by_what() -> None:
    panel = words(certificate_panel(CERTIFIED))
    for part in (
        f"At least 98% of {STRONG}'s quality, with 95% confidence",
        "Learned from 1,010 prompts, tested on 990 others",
        "kept 99.1% (98.5% to 99.7%)",
        f"54% of them go to {WEAK}",
        "Expected saving 41.0%",
        "valid until 2027-01-31",
    ):
        assert part in panel


def test_without_one_the_reason_stands_there() -> None:
    assert f"everything stays on {STRONG}. 27 labelled prompts are fewer" in words(certificate_panel(REFUSED))
    unused = msgspec.structs.replace(CERTIFIED, applied=False)
    assert "was not put in service" in words(certificate_panel(unused))


def test_how_far_the_learning_is() -> None:
    counter = Counter(2000)
    counter.sent = {at: Sent("sums", False, True, 1) for at in range(700)}
    line = words(learning(counter, 650, 80_000_000_000, 1.0))
    assert "700/2,000 650 labelled shadows $0.0800 of $1 a day" in line


def test_lanes_are_compared_on_what_all_of_them_have_answered() -> None:
    compared = lanes(0.5)
    counters = [Counter(10) for _ in compared]
    for number, counter in enumerate(counters):
        for at in range(4 + number):
            counter.sent[at] = Sent("sums", number > 0, number == 0 or at != 1, 100 if number == 0 else 50)
    table = words(racing(compared, counters))
    assert f"always {STRONG}" in table and "4/10 100.0% 100.0% $0.000000 0.0%" in table
    assert table.count("75.0% 75.0% $0.000000 50.0%") == 4


def test_nothing_answered_yet_is_no_division_by_zero() -> None:
    assert "0/10 – – $0.000000 –" in words(racing(lanes(None), [Counter(10) for _ in lanes(None)]))


@pytest.mark.parametrize("width", [80, 100, 140])
def test_the_picture_fits_and_has_all_lanes(width: int) -> None:
    shown = said(picture(a_report(), width), width)
    assert all(len(line.rstrip()) <= width for line in shown.splitlines())
    told = " ".join(shown.split())
    assert f"S always {STRONG} 0% 98.0% 100.0% 100.0% $1.0000 0.0%" in told
    assert "L learned, certified 54% 97.6% 99.6% 93.1% $0.6000 40.0%" in told
    assert f"W always {WEAK} 100% 82.0% 83.7% 83.7% $0.0500 95.0%" in told
    assert "sums of one or two steps 600 90% 99.2% 99.5%" in told


def test_the_ledger_is_held_against_what_the_baseline_did_cost() -> None:
    told = words(picture(a_report(), 100))
    assert "3,000 requests of the route $2.7000, of that $0.1000 for 2,020 shadows" in told
    assert f"all on {STRONG} $3.0100: 10.3% less." in told
    assert "For the new prompts alone it reckons $1.0100" in told and "they cost $1.0000" in told


def test_without_a_certificate_nothing_was_found_and_the_shadows_cost() -> None:
    report = a_report(REFUSED)
    dearer = msgspec.structs.replace(report.savings, saving=-0.02)
    told = words(picture(msgspec.structs.replace(report, savings=dearer), 100))
    assert "what the router found" not in told
    assert "learned, uncertified 0% 98.0% 100.0% 100.0% $1.0000 0.0%" in told
    assert "2.0% more" in told


@pytest.mark.parametrize(
    ("right", "route", "said"),
    [
        (976, CERTIFIED, f"The floor held: 99.6% of {STRONG}'s right answers, for 40.0% less money."),
        (950, CERTIFIED, f"Below the floor on these prompts: 96.9% of {STRONG}'s right answers"),
        (980, REFUSED, "Nothing is certified, so the route saves nothing"),
    ],
)
def test_the_verdict_is_what_came_of_it(right: int, route: RouteTold, said: str) -> None:
    report = a_report(route)
    ours = msgspec.structs.replace(report.lanes[LEARNED], right=right)
    lanes_ = (report.lanes[0], ours, *report.lanes[2:])
    assert verdict(msgspec.structs.replace(report, lanes=lanes_)).startswith(said)
