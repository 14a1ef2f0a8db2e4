"""LiteLLM's proxy and py-spy from their packages, in environments of their own outside of the project."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

LITELLM = "1.109.1"
UNPINNED = ("certifi", "litellm-proxy-extras")
"""Dependencies whose exact pins not every package index has. Neither is used here: the first holds the roots
of TLS, the second migrations of a database."""


def cache() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "pointsman-bench"


def litellm() -> Path | None:
    """LiteLLM's command, where it is installed already."""
    found = cache() / f"litellm-{LITELLM}" / "bin" / "litellm"
    return found if found.exists() else None


def install_litellm() -> Path:
    """Install it (about 660 MB) unless it is there. Returns its command.

    Raises:
        subprocess.CalledProcessError: the packages could not be installed.
    """
    found = litellm()
    if found is not None:
        return found
    place = cache() / f"litellm-{LITELLM}"
    half = place.with_name(place.name + ".half")
    shutil.rmtree(half, ignore_errors=True)
    shutil.rmtree(place, ignore_errors=True)
    half.parent.mkdir(parents=True, exist_ok=True)
    print(f"installing LiteLLM {LITELLM} into {place} (once, about 660 MB)", file=sys.stderr)
    subprocess.run([sys.executable, "-m", "venv", str(half)], check=True)
    half.rename(place)
    python = place / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "-q", "uv"], check=True)
    overrides = place / "overrides.txt"
    overrides.write_text("\n".join(UNPINNED) + "\n")
    wanted = f"litellm[proxy]=={LITELLM}"
    uv = [str(place / "bin" / "uv"), "pip", "install", "-q", "--compile-bytecode", "-p", str(python)]
    subprocess.run([*uv, "--override", str(overrides), wanted], check=True)
    command = litellm()
    assert command is not None
    return command


def install_py_spy() -> Path:
    """Install py-spy (3 MB) unless it is there. Returns its command.

    Raises:
        subprocess.CalledProcessError: the package could not be installed.
    """
    place = cache() / "py-spy"
    command = place / "bin" / "py-spy"
    if not command.exists():
        subprocess.run([sys.executable, "-m", "venv", str(place)], check=True)
        subprocess.run([place / "bin" / "python", "-m", "pip", "install", "-q", "py-spy"], check=True)
    return command
