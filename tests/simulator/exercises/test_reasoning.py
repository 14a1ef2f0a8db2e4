import re

import pytest

from pointsman.simulator.dice import Dice
from pointsman.simulator.exercises.reasoning import CODE, LAW


def test_programs_return_what_python_says_they_return() -> None:
    for turn in range(10):
        for template in CODE:
            exercise = template.write(Dice(3, b"", turn))
            _, program, question = exercise.prompt.split("\n\n")
            called = re.search(r"(\w+)\((\d+)\)", question)
            assert called is not None
            names: dict[str, object] = {}
            exec(program, names)
            function = names[called[1]]
            assert callable(function) and function(int(called[2])) == exercise.answer


@pytest.mark.parametrize(
    ("prompt", "answer"),
    [
        (
            "Under clause 4 of a lease with Juniper Tea either side may end it with 8 weeks' notice, but "
            "not before day 83 of the term. Clause 37 adds 4 days where notice is sent by post. Amara "
            "posts the notice on day 53. On which day of the term does the lease end at the earliest?",
            53 + 56 + 4,
        ),
        (
            "A contract with Gable Works provides a penalty of 300 euros for each day of delay beyond 5 "
            "days of grace, and clause 3 caps it at 1000 euros. Ivan delivers 20 days late, of which 3 "
            "were excused by the other side. What penalty is due, in euros?",
            1000,
        ),
        (
            "A subscription from Kestrel Parts renews every 30 days unless it is cancelled 10 days "
            "before that. Uma took it out on day 10 and cancels 55 days later. Compare both dates under "
            "clause 5: on which day does it end?",
            10 + 90,
        ),
    ],
)
def test_every_clause_counts(prompt: str, answer: int) -> None:
    found = next(found for source in LAW if (found := source.read(prompt)) is not None)
    assert found.answer == answer
