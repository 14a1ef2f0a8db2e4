"""How long a fresh interpreter takes to import the package."""

from __future__ import annotations

import statistics
import subprocess
import sys

from bench import plan
from bench.process import pinned, usual_environment

WHAT = {
    "pointsman": "import pointsman",
    "pointsman.Client": "from pointsman import Client",
    "the gateway": "import pointsman.gateway.build",
}


def import_times(repeats: int) -> dict[str, float]:
    """Milliseconds of the statement itself, without the interpreter's start: medians."""
    compile_package()
    found: dict[str, float] = {}
    for name, statement in WHAT.items():
        code = f"import time; t = time.perf_counter(); {statement}; print((time.perf_counter() - t) * 1000)"
        times = []
        for _ in range(repeats):
            command = pinned([sys.executable, "-c", code], plan.GATEWAY_CORE)
            done = subprocess.run(
                command, capture_output=True, text=True, check=False, env=usual_environment()
            )
            if done.returncode == 0:
                times.append(float(done.stdout))
        if times:
            found[name] = statistics.median(times)
    return found


def compile_package() -> None:
    """What an installer does: bytecode for every module, so that the first start is as cheap as the next."""
    command = [sys.executable, "-m", "compileall", "-q", str(plan.HERE.parent / "src" / "pointsman")]
    subprocess.run(command, check=False, env=usual_environment())
