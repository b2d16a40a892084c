"""The official `openai` Python client in an environment of its own, kept under `.bench/` between sessions."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

TOP = Path(__file__).parents[3]
REQUIREMENTS = TOP / "requirements" / "peers" / "openai-client.txt"
FOLDER = TOP / ".bench" / "openai-client"
SCRIPT = Path(__file__).with_name("official_client.py")


def find_client() -> Path:
    """The environment's Python, installed from hashed requirements when they changed.

    Skips (fails with TENOR_REQUIRE=all) where it cannot be installed, and says why.
    """
    python, mark = FOLDER / "bin" / "python", FOLDER / ".installed"
    wanted = hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()
    if mark.exists() and mark.read_text() == wanted:
        return python
    try:
        _install(python)
    except (OSError, subprocess.SubprocessError) as error:
        said = getattr(error, "stderr", b"") or b""
        why = f"the official openai client cannot be installed: {error} {said.decode()[-300:]}"
        if os.environ.get("TENOR_REQUIRE") == "all":
            pytest.fail(f"TENOR_REQUIRE=all, but {why}", pytrace=False)
        pytest.skip(why)
    mark.write_text(wanted)
    return python


def _install(python: Path) -> None:
    ours = TOP / ".venv-uv" / "bin" / "uv"
    uv = shutil.which("uv") or (str(ours) if ours.exists() else None)
    make = [uv, "venv", "--quiet", "--clear", "--python", sys.executable] if uv else [sys.executable, "-m", "venv"]
    subprocess.run([*make, str(FOLDER)], check=True, capture_output=True, timeout=120)
    install = (
        [uv, "pip", "install", "--quiet", "--python", str(python)] if uv else [str(python), "-m", "pip", "install"]
    )
    command = [*install, "--require-hashes", "-r", str(REQUIREMENTS)]
    subprocess.run(command, check=True, capture_output=True, timeout=300)


def run_client(base_url: str, keys: dict[str, str]) -> dict[str, Any]:
    """What the client saw: the script's one object."""
    bare = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "OPENAI"))}
    command = [str(find_client()), "-I", str(SCRIPT), base_url, json.dumps(keys)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, env=bare, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    found: dict[str, Any] = json.loads(done.stdout)
    return found
