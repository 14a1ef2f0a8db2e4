"""The processes of the demo: simulated providers and a gateway before them, each as a user would start it."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from pointsman.errors import ConfigurationError

START_SECONDS = 30.0
STOP_SECONDS = 5.0


@asynccontextmanager
async def running(arguments: Sequence[str], ready: str, environment: Mapping[str, str]) -> AsyncIterator[str]:
    """``pointsman ARGUMENTS`` in a process of its own, which ends with the block.

    Args:
        ready: what the line that tells of its address holds.

    Returns:
        That line.

    Raises:
        ConfigurationError: it ended, or said nothing, before it was ready; with what it said instead.
    """
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "pointsman", *arguments),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env=dict(environment),
    )
    try:
        yield await _wait_for(process, ready, arguments[0])
    finally:
        await _stop(process)


async def finished(arguments: Sequence[str], environment: Mapping[str, str]) -> bytes:
    """What ``pointsman ARGUMENTS`` prints, once it has ended.

    Raises:
        ConfigurationError: it failed; with what it said.
    """
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "pointsman", *arguments),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=dict(environment),
    )
    try:
        printed, complained = await process.communicate()
    finally:
        await _stop(process)
    if process.returncode:
        said = complained.decode(errors="replace").strip() or f"it ended with {process.returncode}"
        raise ConfigurationError(f"pointsman {' '.join(arguments[:2])}: {said}")
    return printed


async def _wait_for(process: asyncio.subprocess.Process, ready: str, command: str) -> str:
    assert process.stdout is not None
    said: list[str] = []
    try:
        async with asyncio.timeout(START_SECONDS):
            while line := (await process.stdout.readline()).decode(errors="replace"):
                if ready in line:
                    return line.strip()
                said.append(line.strip())
    except TimeoutError:
        said.append(f"(nothing more for {START_SECONDS:g} seconds)")
    raise ConfigurationError(f"pointsman {command} did not start: {' '.join(said) or 'it said nothing'}")


async def _stop(process: asyncio.subprocess.Process) -> None:
    """Ask, and if need be force: the demo leaves nothing behind."""
    if process.returncode is None:
        process.terminate()
        try:
            async with asyncio.timeout(STOP_SECONDS):
                await process.communicate()
        except TimeoutError:
            process.kill()
    await process.wait()


def write_settings(folder: Path, database: Path, providers: str) -> Path:
    """The gateway's settings file."""
    path = folder / "pointsman.toml"
    path.write_text(f'[storage]\npath = "{database.as_posix()}"\n\n{providers}', encoding="utf-8")
    return path
