"""Run all judges: ``python -m tests.conformance_cli FOLDER``, where FOLDER holds their ``node_modules``."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests.conformance_cli import claude_code, mock, node_sdks
from tests.conformance_cli.outcome import Outcome, table

JUDGES = (claude_code, mock, node_sdks)


def main() -> int:
    packages = Path(sys.argv[1])
    outcome = Outcome()
    for judge in JUDGES:
        with (
            tempfile.TemporaryDirectory(prefix="pointsman-conformance-") as home,
            outcome.check(judge.JUDGE, "comes to its end"),
        ):
            judge.judge(outcome, packages, Path(home))
    sys.stdout.write(table(outcome.checks) + "\n")
    return outcome.exit_code


if __name__ == "__main__":
    sys.exit(main())
